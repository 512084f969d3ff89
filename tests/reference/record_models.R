# One-group maximum-likelihood models: hs.json and bfi.json.

information_rows <- function(model, data, ...) {
  kinds <- c("expected", "observed", "first.order")
  names(kinds) <- kinds
  lapply(kinds, function(kind) {
    fit <- cfa(model, data, information = kind, ...)
    rows <- plain_frame(parameterEstimates(fit))
    rows[intersect(names(rows), c("lhs", "op", "rhs", "est", "se", "z", "pvalue", "ci.lower", "ci.upper"))]
  })
}

residual_matrices <- function(fit) {
  kinds <- c(raw = "raw", cor = "cor", cor.bentler = "cor.bentler", normalized = "normalized",
             standardized = "standardized")
  lapply(kinds, function(kind) {
    run <- quietly(residuals(fit, type = kind))
    if (is_error(run$value)) {
      return(list(error = run$value$message))
    }
    out <- list(cov = named_matrix(run$value$cov))
    if (!is.null(run$value$mean)) out$mean <- named_vector(run$value$mean)
    out
  })
}

# Everything that a single fit can show.
full_fit <- function(model, data, ...) {
  run <- quietly(cfa(model, data, ...))
  out <- record_fit(run)
  fit <- run$value
  implied <- fitted(fit)
  sample <- lavInspect(fit, "sampstat")
  out$standardized <- list(std.all = standardized_rows(fit), std.lv = standardized_rows(fit, "std.lv"))
  out$vcov <- named_matrix(vcov(fit))
  out$sample <- list(cov = named_matrix(sample$cov))
  out$implied <- list(cov = named_matrix(implied$cov))
  if (!is.null(implied$mean)) {
    out$sample$mean <- named_vector(sample$mean)
    out$implied$mean <- named_vector(implied$mean)
  }
  out$latent_cov <- named_matrix(lavInspect(fit, "cov.lv"))
  out$r_squared <- named_vector(lavInspect(fit, "rsquare"))
  out$residuals <- residual_matrices(fit)
  out$modification_indices <- plain_frame(modindices(fit, sort. = TRUE))
  out$information <- information_rows(model, data, ...)
  out
}

# The same one-factor and correlated-factor models with the coefficients that are functions of the
# parameters written as defined parameters: estimate, delta-method SE and interval of each.
coefficient_syntax <- function(scales) {
  blocks <- lapply(names(scales), function(scale) {
    items <- scales[[scale]]
    loading <- paste0("l_", items)
    residual <- paste0("t_", items)
    std <- sprintf("(%s/sqrt(%s^2+%s))", loading, loading, residual)
    c(
      sprintf("%s =~ %s", scale, paste(sprintf("%s*%s", loading, items), collapse = " + ")),
      sprintf("%s ~~ %s*%s", items, residual, items),
      sprintf("omega_%s := (%s)^2/((%s)^2+%s)", scale, paste(loading, collapse = "+"),
              paste(loading, collapse = "+"), paste(residual, collapse = "+")),
      sprintf("cr_%s := (%s)^2/((%s)^2+%d-(%s))", scale, paste(std, collapse = "+"),
              paste(std, collapse = "+"), length(items), paste0(std, "^2", collapse = "+")),
      sprintf("ave_%s := (%s)/%d", scale, paste0(std, "^2", collapse = "+"), length(items)),
      sprintf("ave_unstandardized_%s := (%s)/(%s+%s)", scale, paste0(loading, "^2", collapse = "+"),
              paste0(loading, "^2", collapse = "+"), paste(residual, collapse = "+"))
    )
  })
  paste(unlist(blocks), collapse = "\n")
}

coefficients_of <- function(scales, data) {
  run <- quietly(cfa(coefficient_syntax(scales), data, std.lv = TRUE))
  if (is_error(run$value)) {
    return(list(error = run$value$message, warnings = run$warnings))
  }
  rows <- plain_frame(parameterEstimates(run$value))
  rows <- rows[rows$op == ":=", c("lhs", "est", "se", "z", "pvalue", "ci.lower", "ci.upper")]
  rownames(rows) <- NULL
  list(converged = lavInspect(run$value, "converged"), warnings = run$warnings,
       n_obs = lavInspect(run$value, "nobs"), defined = rows)
}

one_factor <- function(scales, frame) {
  out <- lapply(names(scales), function(scale) {
    model <- scale_model(scales[scale])
    c(recorded_cfa(model, complete_rows(frame, scales[[scale]]), std.lv = TRUE),
      list(coefficients = coefficients_of(scales[scale], frame)))
  })
  names(out) <- names(scales)
  out
}

# Rows centred on the mean of their group: the ML covariance is the within sum of squares over N.
within_group <- function(frame, items, column) {
  kept <- frame[complete.cases(frame[items]) & !is.na(frame[[column]]), ]
  for (item in items) kept[[item]] <- kept[[item]] - ave(kept[[item]], kept[[column]])
  kept
}

within_fits <- function(model, frame, items, column) {
  centred <- within_group(frame, items, column)
  n <- nrow(centred)
  groups <- length(unique(centred[[column]]))
  pooled <- crossprod(as.matrix(centred[items])) / (n - groups)
  list(
    n_obs = n, n_groups = groups, pooled_within_cov = named_matrix(pooled),
    centred_rows = recorded_cfa(model, centred, std.lv = TRUE),
    unbiased_cov = recorded_cfa(model, sample.cov = pooled, sample.nobs = n - groups,
                                sample.cov.rescale = FALSE, std.lv = TRUE)
  )
}

# ---- Holzinger and Swineford ------------------------------------------------------------------

second_order <- paste(hs_model, "g =~ visual + textual + speed", sep = "\n")
fixed_and_equal <- "
visual =~ x1 + 0.6*x2 + x3
textual =~ x4 + a*x5 + a*x6
speed =~ x7 + x8 + x9
x7 ~~ e*x7
x8 ~~ e*x8
"
free_marker <- "
visual =~ NA*x1 + x2 + x3
textual =~ NA*x4 + x5 + x6
speed =~ NA*x7 + x8 + x9
visual ~~ 1*visual
textual ~~ 1*textual
speed ~~ 1*speed
"

record_hs <- function() {
  one <- paste("g =~", paste(hs_items, collapse = " + "))
  record <- list(
    versions = versions(),
    models = list(three_factor = hs_model, one_factor = one, second_order = second_order,
                  residual_covariance = paste(hs_model, "x7 ~~ x8", sep = "\n"),
                  fixed_and_equal = fixed_and_equal, free_marker = free_marker,
                  coefficients = coefficient_syntax(hs_scales)),
    hs_three_factor = full_fit(hs_model, hs),
    hs_three_factor_std_lv = full_fit(hs_model, hs, std.lv = TRUE),
    hs_three_factor_means = full_fit(hs_model, hs, meanstructure = TRUE),
    hs_three_factor_std_lv_means = full_fit(hs_model, hs, std.lv = TRUE, meanstructure = TRUE),
    hs_three_factor_wishart = recorded_cfa(hs_model, hs, likelihood = "wishart"),
    hs_orthogonal = recorded_cfa(hs_model, hs, orthogonal = TRUE),
    hs_one_factor = full_fit(one, hs),
    hs_second_order = full_fit(second_order, hs),
    hs_second_order_std_lv = recorded_cfa(second_order, hs, std.lv = TRUE),
    hs_residual_covariance = full_fit(paste(hs_model, "x7 ~~ x8", sep = "\n"), hs),
    hs_fixed_and_equal = recorded_cfa(fixed_and_equal, hs),
    hs_free_marker = recorded_cfa(free_marker, hs),
    hs_by_school = lapply(by_group(hs, "school")[-1], function(rows) full_fit(hs_model, rows)),
    hs_by_school_std_lv = lapply(by_group(hs, "school")[-1], function(rows) {
      recorded_cfa(hs_model, rows, std.lv = TRUE)
    }),
    hs_within_school = within_fits(hs_model, hs, hs_items, "school"),
    hs_coefficients = lapply(by_group(hs, "school"), function(rows) coefficients_of(hs_scales, rows)),
    hs_one_factor_by_scale = lapply(by_group(hs, "school"), function(rows) one_factor(hs_scales, rows))
  )
  write_record(record, "hs")
}

# ---- bfi --------------------------------------------------------------------------------------

record_bfi <- function() {
  groups <- by_group(bfi_keyed, "education")
  record <- list(
    versions = versions(),
    models = list(five_factor = bfi_model, reversed = as.list(bfi_reversed),
                  coefficients = coefficient_syntax(bfi_scales)),
    bfi_five_factor_raw = recorded_cfa(bfi_model, bfi),
    bfi_five_factor = full_fit(bfi_model, bfi_keyed),
    bfi_five_factor_std_lv = recorded_cfa(bfi_model, bfi_keyed, std.lv = TRUE),
    bfi_five_factor_means = recorded_cfa(bfi_model, bfi_keyed, meanstructure = TRUE),
    bfi_by_education = lapply(groups[-1], function(rows) recorded_cfa(bfi_model, rows, std.lv = TRUE)),
    bfi_within_education = within_fits(bfi_model, bfi_keyed, bfi_items, "education"),
    bfi_coefficients = lapply(groups, function(rows) coefficients_of(bfi_scales, rows)),
    bfi_one_factor_by_scale = lapply(groups, function(rows) one_factor(bfi_scales, rows))
  )
  write_record(record, "bfi")
}

record_hs()
record_bfi()
