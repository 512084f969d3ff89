(function () {
  "use strict";
  var closed = [];
  window.addEventListener("beforeprint", function () {
    closed = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    closed.forEach(function (part) { part.open = true; });
  });
  window.addEventListener("afterprint", function () {
    closed.forEach(function (part) { part.open = false; });
    closed = [];
  });
  /* Without this an underlined word is a plain link into the glossary. */
  var box = document.getElementById("entry");
  function show(id) {
    var entry = document.getElementById(id), list = box.querySelector("dl");
    list.textContent = "";
    Array.prototype.forEach.call(entry.children, function (part) {
      if (part.className !== "back") { list.appendChild(part.cloneNode(true)); }
    });
    box.setAttribute("aria-label", entry.querySelector("dt").textContent);
    box.querySelector(".ways a").setAttribute("href", "#" + id);
    if (!box.matches(":popover-open")) { box.showPopover(); }
    box.scrollTop = 0;
    box.focus();
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest ? event.target.closest("a") : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    if (link.parentNode.className === "back" && history.length > 1) {
      event.preventDefault();
      history.back();
    } else if (link.className === "term" && box.showPopover) {
      event.preventDefault();
      show(link.getAttribute("href").slice(1));
    } else if (box.contains(link)) {
      box.hidePopover();
    }
  });
})();
