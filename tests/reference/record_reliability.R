# Internal consistency and convergent statistics of scales: reliability.json.

alpha_total <- function(result) {
  total <- result$total
  list(raw_alpha = total$raw_alpha, std_alpha = total$std.alpha, G6 = total[["G6(smc)"]],
       average_r = total$average_r, signal_noise = total[["S/N"]], ase = total$ase, mean = total$mean,
       sd = total$sd, median_r = total$median_r)
}

# Item tables under plain names; `r_drop` is the correlation with the sum of the other items.
alpha_items <- function(result, items) {
  drop <- result$alpha.drop
  stats <- result$item.stats
  data.frame(
    item = items, n = stats$n, raw_r = stats$raw.r, std_r = stats$std.r, r_cor = stats$r.cor,
    r_drop = stats$r.drop, mean = stats$mean, sd = stats$sd, alpha_if_deleted = drop$raw_alpha,
    std_alpha_if_deleted = drop$std.alpha, G6_if_deleted = drop[["G6(smc)"]],
    average_r_if_deleted = drop$average_r
  )
}

limits <- function(alpha, n_obs, n_items) {
  feldt <- psych::alpha.ci(alpha, n_obs, n_items)
  z <- qnorm(0.975)
  spread <- sqrt(2 * n_items / ((n_items - 1) * (n_obs - 2)))
  shift <- log(n_obs / (n_obs - 1))
  list(
    alpha = alpha, n_obs = n_obs, n_items = n_items,
    feldt = c(feldt$lower.ci, feldt$upper.ci),
    bonett = c(1 - exp(log(1 - alpha) + z * spread), 1 - exp(log(1 - alpha) - z * spread)),
    bonett_bias_adjusted = c(1 - exp(log(1 - alpha) - shift + z * spread),
                             1 - exp(log(1 - alpha) - shift - z * spread))
  )
}

psych_alpha <- function(frame, items) {
  run <- quietly(psych::alpha(frame[items], check.keys = FALSE))
  result <- run$value
  list(
    n_rows = nrow(frame), n_complete = sum(complete.cases(frame[items])),
    total = alpha_total(result),
    feldt_as_printed = c(result$feldt$lower.ci[[1]], result$feldt$upper.ci[[1]]),
    items = alpha_items(result, items), warnings = run$warnings
  )
}

alphas <- function(frame, scales) {
  out <- lapply(scales, function(items) {
    whole <- complete_rows(frame, items)
    pairwise <- psych_alpha(frame, items)
    complete <- psych_alpha(whole, items)
    list(
      pairwise = pairwise, complete = complete,
      limits_pairwise = limits(pairwise$total$raw_alpha, nrow(whole), length(items)),
      limits_complete = limits(complete$total$raw_alpha, nrow(whole), length(items))
    )
  })
  out
}

# ---- semTools ---------------------------------------------------------------------------------

plain_reliability <- function(value) {
  if (is_error(value)) return(list(error = value$message))
  if (is.data.frame(value)) return(plain_frame(value))
  if (is.matrix(value)) return(named_matrix(value))
  if (is.list(value)) return(lapply(value, plain_reliability))
  named_vector(value)
}

semtools_table <- function(fit, total = FALSE) {
  calls <- list(
    reliability = function() semTools::reliability(fit, return.total = total),
    omega_observed = function() compRelSEM(fit, obs.var = TRUE, return.total = total),
    omega_implied = function() compRelSEM(fit, obs.var = FALSE, return.total = total),
    alpha_observed = function() compRelSEM(fit, tau.eq = TRUE, obs.var = TRUE, return.total = total),
    alpha_implied = function() compRelSEM(fit, tau.eq = TRUE, obs.var = FALSE, return.total = total),
    ave_observed = function() AVE(fit, obs.var = TRUE),
    ave_implied = function() AVE(fit, obs.var = FALSE),
    maximal_reliability = function() as.numeric(maximalRelia(fit))
  )
  if (!total) calls$maximal_reliability <- NULL
  lapply(calls, function(call) plain_reliability(quietly(call())$value))
}

semtools_one_factor <- function(frame, scales) {
  out <- lapply(names(scales), function(scale) {
    run <- quietly(cfa(scale_model(scales[scale]), complete_rows(frame, scales[[scale]]), std.lv = TRUE))
    semtools_table(run$value)
  })
  names(out) <- names(scales)
  out
}

semtools_joint <- function(frame, model, ...) {
  run <- quietly(cfa(model, frame, std.lv = TRUE, ...))
  semtools_table(run$value, total = lavInspect(run$value, "ngroups") == 1)
}

# ---- pooled within groups ---------------------------------------------------------------------

within_alpha <- function(frame, items, column) {
  kept <- frame[complete.cases(frame[items]) & !is.na(frame[[column]]), ]
  values <- as.matrix(kept[items])
  means <- apply(values, 2, function(x) ave(x, kept[[column]]))
  groups <- length(unique(kept[[column]]))
  pooled <- crossprod(values - means) / (nrow(values) - groups)
  k <- length(items)
  alpha <- k / (k - 1) * (1 - sum(diag(pooled)) / sum(pooled))
  list(alpha = alpha, n_obs = nrow(values), n_groups = groups, cov = named_matrix(pooled),
       limits_n_minus_groups_plus_1 = limits(alpha, nrow(values) - groups + 1, k))
}

reliability_of <- function(frame, scales, column, model) {
  groups <- by_group(frame, column)
  rows <- frame[!is.na(frame[[column]]), ]
  list(
    psych = lapply(groups, alphas, scales = scales),
    one_factor = lapply(groups, semtools_one_factor, scales = scales),
    joint = lapply(groups, semtools_joint, model = model),
    joint_multigroup = semtools_joint(rows, model, group = column),
    within = lapply(scales, function(items) within_alpha(frame, items, column))
  )
}

write_record(list(
  versions = versions(),
  hs = reliability_of(hs, hs_scales, "school", hs_model),
  bfi = reliability_of(bfi_keyed, bfi_scales, "education", bfi_model)
), "reliability")
