# The same jobs in lavaan: Rscript against_r.R complete.csv missing.csv
# Prints a line a job: its name, a tab, the best time in CPU seconds.

suppressMessages(library(lavaan))

paths <- commandArgs(trailingOnly = TRUE)
complete <- read.csv(paths[[1]])
incomplete <- read.csv(paths[[2]])

scales <- c("A", "C", "E", "N", "O")
model <- paste(sprintf("%s =~ %s", scales, vapply(scales, function(scale) {
  paste0(scale, 1:5, collapse = " + ")
}, "")), collapse = "\n")

all_output <- function(fit) {
  list(fitMeasures(fit), parameterEstimates(fit), standardizedSolution(fit))
}

ladder <- function() {
  kinds <- c("loadings", "intercepts", "residuals")
  lapply(0:3, function(level) {
    cfa(model, complete, group = "site6", group.equal = if (level) kinds[seq_len(level)] else "")
  })
}

seconds <- function(job) sum(system.time(suppressWarnings(job()))[c("user.self", "sys.self")])
say <- function(name, time) {
  cat(name, "\t", time, "\n", sep = "")
  flush(stdout())
}
best <- function(name, repeats, job) say(name, min(replicate(repeats, seconds(job))))

cat("lavaan ", as.character(packageVersion("lavaan")), ", R ", R.version$major, ".", R.version$minor,
    "\n", sep = "")
best("ml", 5, function() all_output(cfa(model, complete)))
best("mlr", 3, function() all_output(cfa(model, complete, estimator = "MLR")))
best("fiml", 1, function() all_output(cfa(model, incomplete, missing = "ml")))
fits <- NULL
fitting <- seconds(function() fits <<- ladder())
say("ladder fits", fitting)
say("ladder", fitting + seconds(function() lapply(fits, all_output)))
