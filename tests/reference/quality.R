# Records how people answered, and Little's test, by base R and lavaan's EM.
# Run from anywhere:  Rscript tests/reference/quality.R

argument <- grep("^--file=", commandArgs(trailingOnly = FALSE), value = TRUE)
here <- if (length(argument)) dirname(normalizePath(sub("^--file=", "", argument[[1]]))) else "tests/reference"
source(file.path(here, "common.R"))

# ---- runs and variability, of bfi as answered ---------------------------------------------------

answers <- as.matrix(bfi[1:300, bfi_items])
longest <- function(row) {
  runs <- rle(ifelse(is.na(row), paste("gap", seq_along(row)), as.character(row)))
  kept <- !startsWith(runs$values, "gap")
  if (any(kept)) max(runs$lengths[kept]) else 0
}
style <- list(
  longest_run = apply(answers, 1, longest), sd = apply(answers, 1, sd, na.rm = TRUE)
)

# ---- Little's (1988) test -----------------------------------------------------------------------

# Means and covariances of the saturated model come from lavaan; the rest is written out.
little <- function(rows) {
  rows <- as.matrix(rows)
  rows <- rows[rowSums(!is.na(rows)) > 0, ]
  model <- paste(colnames(rows), "~~", colnames(rows), collapse = "\n")
  fit <- suppressWarnings(lavaan(model, as.data.frame(rows), missing = "ml", int.ov.free = TRUE, h1 = TRUE,
                                 em.h1.iter.max = 20000, em.h1.tol = 1e-14))
  moments <- lavInspect(fit, "sampstat")
  n <- nrow(rows)
  total <- c(ml = 0, corrected = 0)
  df <- -ncol(rows)
  patterns <- apply(!is.na(rows), 1, function(seen) paste(as.integer(seen), collapse = ""))
  for (pattern in unique(patterns)) {
    own <- rows[patterns == pattern, , drop = FALSE]
    seen <- which(!is.na(own[1, ]))
    gap <- colMeans(own[, seen, drop = FALSE]) - moments$mean[seen]
    value <- nrow(own) * as.numeric(gap %*% solve(moments$cov[seen, seen], gap))
    total <- total + c(value, value * (n - 1) / n)
    df <- df + length(seen)
  }
  list(n = n, patterns = length(unique(patterns)), df = df, chi2 = total[["corrected"]], chi2_ml = total[["ml"]])
}

write_record(list(
  versions = versions(c("lavaan")), style = style,
  airquality = c(little(airquality), list(values = as.matrix(airquality))),
  hs_missing = little(read_data("hs_missing")[hs_items])
), "quality")
