# Shared by the recording scripts: where the files are, how a fit becomes plain lists, how JSON is written.

suppressMessages({
  library(lavaan)
  library(semTools)
  library(psych)
  library(jsonlite)
})

script_folder <- function() {
  argument <- grep("^--file=", commandArgs(trailingOnly = FALSE), value = TRUE)
  if (length(argument) == 0) {
    return("tests/reference")
  }
  dirname(normalizePath(sub("^--file=", "", argument[[1]])))
}

folder <- script_folder()

read_data <- function(name) {
  read.csv(file.path(folder, "data", paste0(name, ".csv")), stringsAsFactors = FALSE)
}

versions <- function(packages = c("lavaan", "semTools", "psych")) {
  named <- lapply(packages, function(name) as.character(packageVersion(name)))
  names(named) <- packages
  c(list(R = paste(R.version$major, R.version$minor, sep = ".")), named)
}

# ---- plain lists ------------------------------------------------------------------------------

plain_frame <- function(frame) {
  frame <- as.data.frame(unclass(as.data.frame(frame)), check.names = FALSE, stringsAsFactors = FALSE)
  rownames(frame) <- NULL
  frame
}

# A matrix keeps its names: {"rows": [...], "columns": [...], "values": [[...], ...]}.
named_matrix <- function(values) {
  values <- unclass(values)
  out <- matrix(as.numeric(values), nrow(values), ncol(values))
  list(rows = as.list(rownames(values)), columns = as.list(colnames(values)), values = out)
}

named_vector <- function(values) as.list(unclass(values))

# Runs an expression and keeps its warnings as text instead of printing them.
quietly <- function(expression) {
  kept <- character(0)
  value <- withCallingHandlers(
    tryCatch(expression, error = function(problem) {
      structure(list(message = conditionMessage(problem)), class = "recorded_error")
    }),
    warning = function(problem) {
      kept <<- c(kept, gsub("\\s+", " ", conditionMessage(problem)))
      invokeRestart("muffleWarning")
    },
    message = function(note) invokeRestart("muffleMessage")
  )
  list(value = value, warnings = as.list(unique(kept)))
}

is_error <- function(x) inherits(x, "recorded_error")

parameter_rows <- function(fit, standardized = TRUE) {
  rows <- quietly(parameterEstimates(fit, standardized = standardized))$value
  plain_frame(rows)
}

record_fit <- function(run, standardized = TRUE) {
  if (is_error(run$value)) {
    return(list(error = run$value$message, warnings = run$warnings))
  }
  fit <- run$value
  measures <- quietly(fitMeasures(fit))
  check <- quietly(lavInspect(fit, "post.check"))
  list(
    converged = lavInspect(fit, "converged"),
    proper = isTRUE(check$value),
    warnings = as.list(unique(unlist(c(run$warnings, measures$warnings, check$warnings)))),
    n_obs = sum(lavInspect(fit, "nobs")),
    groups = as.list(lavInspect(fit, "group.label")),
    n_by_group = as.list(lavInspect(fit, "nobs")),
    fit = if (is_error(measures$value)) list(error = measures$value$message) else named_vector(measures$value),
    parameters = parameter_rows(fit, standardized)
  )
}

recorded_cfa <- function(...) record_fit(quietly(cfa(...)))

standardized_rows <- function(fit, type = "std.all") plain_frame(standardizedSolution(fit, type = type))

# ---- JSON -------------------------------------------------------------------------------------

as_json <- function(value) {
  as.character(toJSON(value, digits = NA, auto_unbox = TRUE, na = "null", null = "null", dataframe = "rows"))
}

# One line a record: the second level of names starts a new line, so that a change is seen where it is.
write_record <- function(record, name) {
  sections <- vapply(names(record), function(section) {
    content <- record[[section]]
    nested <- is.list(content) && !is.data.frame(content) && length(content) > 0 && !is.null(names(content))
    if (!nested) {
      return(paste0(as_json(section), ": ", as_json(content)))
    }
    inner <- vapply(names(content), function(key) {
      paste0("  ", as_json(key), ": ", as_json(content[[key]]))
    }, character(1))
    paste0(as_json(section), ": {\n", paste(inner, collapse = ",\n"), "\n}")
  }, character(1))
  text <- paste0("{\n", paste(sections, collapse = ",\n"), "\n}")
  writeLines(text, file.path(folder, paste0(name, ".json")), useBytes = TRUE)
  cat("wrote", paste0(name, ".json"), nchar(text), "characters\n")
}

# ---- data and models --------------------------------------------------------------------------

hs <- read_data("hs")
hs_items <- paste0("x", 1:9)
hs_scales <- list(visual = c("x1", "x2", "x3"), textual = c("x4", "x5", "x6"), speed = c("x7", "x8", "x9"))

bfi <- read_data("bfi")
bfi_scales <- list(
  A = paste0("A", 1:5), C = paste0("C", 1:5), E = paste0("E", 1:5), N = paste0("N", 1:5), O = paste0("O", 1:5)
)
bfi_items <- unlist(bfi_scales, use.names = FALSE)
bfi_reversed <- c("A1", "C4", "C5", "E1", "E2", "O2", "O5")
bfi_keyed <- bfi
bfi_keyed[bfi_reversed] <- 7 - bfi_keyed[bfi_reversed]

scale_model <- function(scales) {
  paste(sprintf("%s =~ %s", names(scales), vapply(scales, paste, "", collapse = " + ")), collapse = "\n")
}

hs_model <- scale_model(hs_scales)
bfi_model <- scale_model(bfi_scales)

complete_rows <- function(frame, items) frame[complete.cases(frame[items]), ]

# Subsets of a frame by the values of a column, "total" (all rows, also those without a group) first.
by_group <- function(frame, column) {
  present <- frame[[column]]
  levels <- unique(present[!is.na(present)])
  if (is.numeric(levels)) levels <- sort(levels)
  groups <- lapply(levels, function(level) frame[!is.na(present) & present == level, ])
  names(groups) <- as.character(levels)
  c(list(total = frame), groups)
}
