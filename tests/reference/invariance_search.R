# Score tests that a search for partial invariance rests on: invariance_search.json.
# Run from anywhere:  Rscript tests/reference/invariance_search.R       (20 seconds)

argument <- grep("^--file=", commandArgs(trailingOnly = FALSE), value = TRUE)
here <- if (length(argument)) dirname(normalizePath(sub("^--file=", "", argument[[1]]))) else "tests/reference"
source(file.path(here, "common.R"))
source(file.path(here, "ordinal_common.R"))

named_tests <- function(fit, information = "expected") {
  run <- quietly(lavTestScore(fit, information = information))
  table <- parTable(fit)
  tests <- run$value$uni
  named <- table[match(tests$lhs, table$plabel), c("lhs", "op", "rhs")]
  list(tests = plain_frame(cbind(named, X2 = tests$X2)), warnings = run$warnings)
}

# ---- ordered items: the ordinary score test of diagonally weighted least squares ---------------

datcat <- read_data("datcat")
items <- paste0("u", 1:4)
one_factor <- "f =~ u1 + u2 + u3 + u4"

ordered_level <- function(equal) {
  text <- as.character(quietly(measEq.syntax(
    configural.model = one_factor, data = datcat, ordered = items, parameterization = "theta", ID.fac = "std.lv",
    ID.cat = "Wu.Estabrook.2016", group = "g", group.equal = equal, estimator = "WLSMV"
  ))$value)
  fit <- quietly(cfa(text, datcat, ordered = items, group = "g", parameterization = "theta", estimator = "WLSMV"))$value
  changes <- quietly(modindices(fit, op = "~1"))$value
  list(fit = as.list(fitMeasures(fit, c("chisq", "df"))), score = named_tests(fit),
       modification = plain_frame(changes[c("lhs", "op", "group", "mi", "epc")]))
}

# ---- incomplete rows: expected and observed information -----------------------------------------

hs_missing <- read_data("hs_missing")

incomplete_level <- function(equal) {
  fit <- quietly(cfa(hs_model, hs_missing, group = "school", group.equal = equal, missing = "ml", std.lv = TRUE))$value
  list(fit = as.list(fitMeasures(fit, c("chisq", "df"))), expected = named_tests(fit),
       observed = named_tests(fit, "observed"))
}

write_record(list(
  versions = versions(), datcat_model = one_factor,
  datcat = list(
    thresholds = ordered_level("thresholds"), metric = ordered_level(c("thresholds", "loadings")),
    scalar = ordered_level(c("thresholds", "loadings", "intercepts"))
  ),
  hs_missing = list(metric = incomplete_level("loadings"), scalar = incomplete_level(c("loadings", "intercepts")))
), "invariance_search")
