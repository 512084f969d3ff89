# HTMT, HTMT2 and tests of factor correlations: validity.json.

# `htmt2 = TRUE` takes absolute correlations whatever `absolute` says (see the README).
htmt_variants <- function(model, data = NULL, sample_cov = NULL) {
  calls <- list(
    htmt_absolute = function() htmt(model, data, sample_cov, absolute = TRUE, htmt2 = FALSE),
    htmt_signed = function() htmt(model, data, sample_cov, absolute = FALSE, htmt2 = FALSE),
    htmt2_absolute = function() htmt(model, data, sample_cov, absolute = TRUE, htmt2 = TRUE)
  )
  lapply(calls, function(call) {
    run <- quietly(call())
    if (is_error(run$value)) list(error = run$value$message) else named_matrix(run$value)
  })
}

plain_names <- c("Df" = "df", "AIC" = "aic", "BIC" = "bic", "Chisq" = "chisq", "Chisq diff" = "chisq_diff",
                 "RMSEA" = "rmsea_d", "Df diff" = "df_diff", "Pr(>Chisq)" = "pvalue")

rename_columns <- function(frame) {
  known <- names(frame) %in% names(plain_names)
  names(frame)[known] <- plain_names[names(frame)[known]]
  frame
}

# discriminantValidity() stops when one constrained model doesn't converge: then each pair by itself.
pair_by_pair <- function(fit, cutoff) {
  estimates <- parameterEstimates(fit)
  pairs <- estimates[estimates$op == "~~" & estimates$lhs != estimates$rhs, ]
  rows <- lapply(seq_len(nrow(pairs)), function(i) {
    fixed <- ifelse(pairs$est[i] < 0, -cutoff, cutoff)
    model <- sprintf("%s\n%s ~~ %s*%s", called_model, pairs$lhs[i], fixed, pairs$rhs[i])
    one <- quietly(cfa(model, called_data, std.lv = TRUE))$value
    done <- lavInspect(one, "converged")
    data.frame(
      lhs = pairs$lhs[i], op = "~~", rhs = pairs$rhs[i], est = pairs$est[i], ci.lower = pairs$ci.lower[i],
      ci.upper = pairs$ci.upper[i], df = if (done) fitMeasures(one, "df")[[1]] else NA,
      chisq = if (done) fitMeasures(one, "chisq")[[1]] else NA,
      chisq_diff = if (done) (fitMeasures(one, "chisq") - fitMeasures(fit, "chisq"))[[1]] else NA,
      constrained_converged = done
    )
  })
  do.call(rbind, rows)
}

discriminant_rows <- function(fit, ...) {
  run <- quietly(discriminantValidity(fit, ...))
  if (is_error(run$value)) {
    return(list(semtools_error = run$value$message, warnings = run$warnings, rows = pair_by_pair(fit, ...)))
  }
  constrained <- attr(run$value, "constrained")
  rows <- rename_columns(plain_frame(run$value))
  rows$constrained_converged <- vapply(constrained, function(one) lavInspect(one, "converged"), NA)
  list(rows = rows, warnings = run$warnings)
}

# discriminantValidity() updates the fit by its call, so what the call names must be global.
discriminant_of <- function(model, data) {
  called_model <<- model
  called_data <<- data
  run <- quietly(cfa(called_model, called_data, std.lv = TRUE))
  fit <- run$value
  pairs <- standardized_rows(fit)
  pairs <- pairs[pairs$op == "~~" & pairs$lhs != pairs$rhs, ]
  rownames(pairs) <- NULL
  list(
    n_obs = lavInspect(fit, "nobs"), chisq = fitMeasures(fit, "chisq")[[1]], df = fitMeasures(fit, "df")[[1]],
    correlations = pairs,
    cutoff_0.9 = discriminant_rows(fit, cutoff = 0.9),
    cutoff_0.8 = discriminant_rows(fit, cutoff = 0.8),
    cutoff_1 = discriminant_rows(fit, cutoff = 1),
    merge = discriminant_rows(fit, merge = TRUE)
  )
}

pooled_within_cov <- function(frame, items, column) {
  kept <- frame[complete.cases(frame[items]) & !is.na(frame[[column]]), ]
  values <- as.matrix(kept[items])
  values <- values - apply(values, 2, function(x) ave(x, kept[[column]]))
  crossprod(values) / (nrow(values) - length(unique(kept[[column]])))
}

validity_of <- function(frame, items, column, model) {
  groups <- by_group(frame, column)
  complete <- lapply(groups, complete_rows, items = items)
  list(
    htmt = lapply(complete, function(rows) c(list(n_obs = nrow(rows)), htmt_variants(model, rows))),
    htmt_within = htmt_variants(model, sample_cov = pooled_within_cov(frame, items, column)),
    discriminant = lapply(complete, function(rows) discriminant_of(model, rows))
  )
}

write_record(list(
  versions = versions(),
  hs = validity_of(hs, hs_items, "school", hs_model),
  bfi = validity_of(bfi_keyed, bfi_items, "education", bfi_model),
  bfi_unkeyed = list(htmt = htmt_variants(bfi_model, complete_rows(bfi, bfi_items)))
), "validity")
