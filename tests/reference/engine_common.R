# What the engine scripts share: fuller records of a fit, tests between fits, derived columns.

# ---- one fit ----------------------------------------------------------------------------------

group_chisq <- function(fit) {
  tests <- lavInspect(fit, "test")
  out <- lapply(tests, function(test) {
    list(test = test$test, stat = test$stat, df = test$df, pvalue = test$pvalue, refdistr = test$refdistr,
         scaling_factor = test$scaling.factor, shift = test$shift.parameter,
         stat_group = as.list(test$stat.group))
  })
  lapply(out, function(test) test[!vapply(test, is.null, NA)])
}

all_matrices <- function(value) {
  if (is.matrix(value)) return(named_matrix(value))
  if (is.list(value)) return(lapply(value, all_matrices))
  named_vector(value)
}

engine_record <- function(run, more = character(0), keep = NULL) {
  out <- record_fit(run)
  fit <- run$value
  if (is_error(fit)) return(out)
  out$tests <- group_chisq(fit)
  out$options <- lavInspect(fit, "options")[c("estimator", "se", "test", "information", "missing", "mimic",
                                              "meanstructure", "likelihood", "bounds")]
  if (!is.null(keep)) out$parameters <- out$parameters[intersect(keep, names(out$parameters))]
  extra <- list(
    standardized = function() standardized_rows(fit),
    vcov = function() named_matrix(vcov(fit)),
    implied = function() all_matrices(fitted(fit)),
    sample = function() all_matrices(lavInspect(fit, "sampstat")),
    residuals_cor = function() all_matrices(residuals(fit, type = "cor")[-1]),
    residuals_standardized = function() {
      value <- residuals(fit, type = "standardized")
      all_matrices(value[setdiff(names(value), "type")])
    },
    modification_indices = function() plain_frame(modindices(fit, sort. = TRUE)),
    r_squared = function() all_matrices(lavInspect(fit, "rsquare"))
  )
  for (name in more) {
    value <- quietly(extra[[name]]())$value
    out[[name]] <- if (is_error(value)) list(error = value$message) else value
  }
  out
}

engine_cfa <- function(..., more = character(0), keep = NULL) engine_record(quietly(cfa(...)), more, keep)
engine_sem <- function(..., more = character(0), keep = NULL) engine_record(quietly(sem(...)), more, keep)

# Columns of a parameter table that large models keep.
slim <- c("lhs", "op", "rhs", "group", "label", "est", "se", "std.all")

# ---- between fits -----------------------------------------------------------------------------

lrt_names <- c("Df" = "df", "AIC" = "aic", "BIC" = "bic", "Chisq" = "chisq", "Chisq diff" = "chisq_diff",
               "RMSEA" = "rmsea_d", "Df diff" = "df_diff", "Pr(>Chisq)" = "pvalue")

# Rows in the order of the fits given: lavaan sorts by df, so do the ladders here.
lrt_rows <- function(fits, ...) {
  run <- quietly(do.call(lavTestLRT, c(unname(fits), list(...))))
  if (is_error(run$value)) return(list(error = run$value$message, warnings = run$warnings))
  rows <- plain_frame(run$value)
  known <- names(rows) %in% names(lrt_names)
  names(rows)[known] <- lrt_names[names(rows)[known]]
  rows <- cbind(model = names(fits), rows)
  list(rows = rows, warnings = run$warnings)
}

robust_lrts <- function(fits) {
  list(
    default = lrt_rows(fits),
    satorra_bentler_2001 = lrt_rows(fits, method = "satorra.bentler.2001"),
    satorra_bentler_2010 = lrt_rows(fits, method = "satorra.bentler.2010"),
    satorra_2000_delta_shifted = lrt_rows(fits, method = "satorra.2000", A.method = "delta",
                                          scaled.shifted = TRUE),
    satorra_2000_delta_mean_and_variance = lrt_rows(fits, method = "satorra.2000", A.method = "delta",
                                                    scaled.shifted = FALSE),
    satorra_2000_exact_shifted = lrt_rows(fits, method = "satorra.2000", A.method = "exact",
                                          scaled.shifted = TRUE),
    satorra_2000_exact_mean_and_variance = lrt_rows(fits, method = "satorra.2000", A.method = "exact",
                                                    scaled.shifted = FALSE)
  )
}

score_tests <- function(fit) {
  run <- quietly(lavTestScore(fit, cumulative = TRUE, epc = TRUE))
  if (is_error(run$value)) return(list(error = run$value$message))
  table <- parTable(fit)
  list(
    plabels = plain_frame(table[table$plabel != "", c("plabel", "lhs", "op", "rhs", "group", "label")]),
    total = plain_frame(run$value$test), univariate = plain_frame(run$value$uni),
    cumulative = plain_frame(run$value$cumulative), epc = plain_frame(run$value$epc),
    warnings = run$warnings
  )
}

# ---- columns made by rule ---------------------------------------------------------------------

hs$row <- seq_len(nrow(hs))
hs$cluster61 <- (hs$row - 1) %/% 5 + 1
hs$cluster101 <- (hs$row - 1) %/% 3 + 1
hs$school_grade <- paste(hs$school, hs$grade)
hs$weight <- 0.5 + (hs$row %% 5) / 2
bfi_keyed$row <- seq_len(nrow(bfi_keyed))
bfi_keyed$cluster140 <- (bfi_keyed$row - 1) %/% 20 + 1
bfi_keyed$weight <- 0.5 + (bfi_keyed$row %% 5) / 2

rules <- list(
  row = "1-based row of the file, header not counted",
  cluster61 = "hs: (row - 1) %/% 5 + 1", cluster101 = "hs: (row - 1) %/% 3 + 1 (none spans two schools)",
  school_grade = "hs: school and grade; one row without grade is 'Grant-White NA'",
  weight = "0.5 + (row %% 5) / 2", cluster140 = "bfi: (row - 1) %/% 20 + 1",
  site6 = "bfi complete on the 25 items, renumbered 1, 2, ... in file order: number %% 6",
  hs_missing = "see make_hs_missing() in engine_common.R"
)

# Blanks by rule: on observed answers (at random), by row number (completely at random), one row with
# a single answer and one with none.
make_hs_missing <- function() {
  frame <- read_data("hs")
  row <- seq_len(nrow(frame))
  age <- frame$ageyr + frame$agemo / 12
  out <- frame
  out$x9[age <= quantile(age, 0.2)] <- NA
  out$x5[frame$x4 >= quantile(frame$x4, 0.8)] <- NA
  out$x2[frame$x1 <= quantile(frame$x1, 0.15)] <- NA
  out$x3[row %% 7 == 0] <- NA
  out$x8[row %% 11 == 3] <- NA
  out[row == 100, setdiff(hs_items, "x1")] <- NA
  out[row == 200, hs_items] <- NA
  out
}

write_hs_missing <- function() {
  write.csv(make_hs_missing(), file.path(folder, "data", "hs_missing.csv"), row.names = FALSE)
  read_data("hs_missing")
}
