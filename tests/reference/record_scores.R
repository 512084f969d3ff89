# Items (items.json), scores against other variables (comparators.json) and random-effects synthesis
# of what was found by group (synthesis.json).

suppressMessages(library(metafor))

# ---- items ------------------------------------------------------------------------------------

describe_items <- function(frame, items) {
  kinds <- lapply(1:3, function(kind) psych::describe(frame[items], type = kind))
  three <- kinds[[3]]
  data.frame(
    item = items, n = three$n, mean = three$mean, sd = three$sd, median = three$median,
    trimmed = three$trimmed, mad = three$mad, min = three$min, max = three$max, se = three$se,
    skew_type_1 = kinds[[1]]$skew, skew_type_2 = kinds[[2]]$skew, skew_type_3 = three$skew,
    kurtosis_type_1 = kinds[[1]]$kurtosis, kurtosis_type_2 = kinds[[2]]$kurtosis,
    kurtosis_type_3 = three$kurtosis
  )
}

factorability <- function(frame, items, scales) {
  rows <- complete_rows(frame, items)
  one <- function(chosen) {
    correlations <- cor(rows[chosen])
    kmo <- psych::KMO(correlations)
    bartlett <- psych::cortest.bartlett(correlations, n = nrow(rows))
    list(n_obs = nrow(rows), kmo = kmo$MSA, kmo_by_item = named_vector(kmo$MSAi),
         bartlett_chisq = bartlett$chisq, bartlett_df = bartlett$df, bartlett_p = bartlett$p.value)
  }
  c(list(all_items = one(items)), lapply(scales, one))
}

items_of <- function(frame, items, scales, column) {
  groups <- by_group(frame, column)
  list(
    describe = lapply(groups, describe_items, items = items),
    factorability = lapply(groups, factorability, items = items, scales = scales)
  )
}

pairwise_factorability <- function(frame, items) {
  correlations <- cor(frame[items], use = "pairwise")
  bartlett <- psych::cortest.bartlett(correlations, n = nrow(frame))
  list(n_rows = nrow(frame), kmo = psych::KMO(correlations)$MSA, bartlett_chisq = bartlett$chisq,
       bartlett_df = bartlett$df)
}

write_record(list(
  versions = versions(),
  hs = items_of(hs, hs_items, hs_scales, "school"),
  bfi = items_of(bfi_keyed, bfi_items, bfi_scales, "education"),
  bfi_as_answered = list(total = describe_items(bfi, bfi_items)),
  bfi_pairwise = pairwise_factorability(bfi_keyed, bfi_items)
), "items")

# ---- scores -----------------------------------------------------------------------------------

scale_scores <- function(frame, scales, min_valid) {
  scores <- lapply(scales, function(items) {
    values <- as.matrix(frame[items])
    score <- rowMeans(values, na.rm = TRUE)
    score[rowSums(!is.na(values)) < min_valid] <- NA
    score
  })
  as.data.frame(scores)
}

fisher_limits <- function(r, n, variance = 1 / (n - 3)) {
  tanh(atanh(r) + c(-1, 1) * qnorm(0.975) * sqrt(variance))
}

correlation_rows <- function(scores, variable) {
  rows <- lapply(names(scores), function(scale) {
    kept <- !is.na(scores[[scale]]) & !is.na(variable)
    x <- scores[[scale]][kept]
    y <- variable[kept]
    n <- length(x)
    r <- cor(x, y)
    rho <- cor(x, y, method = "spearman")
    test <- cor.test(x, y)
    plain <- fisher_limits(rho, n)
    bonett_wright <- fisher_limits(rho, n, (1 + rho^2 / 2) / (n - 3))
    fieller <- fisher_limits(rho, n, 1.06 / (n - 3))
    data.frame(
      scale = scale, n = n, pearson = r, pearson_low = test$conf.int[1], pearson_high = test$conf.int[2],
      pearson_p = test$p.value, spearman = rho, spearman_low_fisher = plain[1],
      spearman_high_fisher = plain[2], spearman_low_bonett_wright = bonett_wright[1],
      spearman_high_bonett_wright = bonett_wright[2], spearman_low_fieller = fieller[1],
      spearman_high_fieller = fieller[2]
    )
  })
  do.call(rbind, rows)
}

# Limits of d from the noncentral t distribution: the two noncentralities at which t has tail 2.5 %.
noncentral_limits <- function(d, n1, n2) {
  t <- d * sqrt(n1 * n2 / (n1 + n2))
  df <- n1 + n2 - 2
  at <- function(tail) {
    uniroot(function(ncp) pt(t, df, ncp) - tail, c(t - 12, t + 12), tol = 1e-13)$root
  }
  suppressWarnings(c(at(0.975), at(0.025))) * sqrt((n1 + n2) / (n1 * n2))
}

difference_row <- function(label, higher, lower) {
  higher <- higher[!is.na(higher)]
  lower <- lower[!is.na(lower)]
  n1 <- length(higher)
  n2 <- length(lower)
  df <- n1 + n2 - 2
  pooled <- sqrt(((n1 - 1) * var(higher) + (n2 - 1) * var(lower)) / df)
  d <- (mean(higher) - mean(lower)) / pooled
  exact <- exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)
  approximate <- 1 - 3 / (4 * df - 1)
  g <- d * exact
  z <- qnorm(0.975)
  se_d <- sqrt((n1 + n2) / (n1 * n2) + d^2 / (2 * (n1 + n2)))
  se_g <- sqrt((n1 + n2) / (n1 * n2) + g^2 / (2 * (n1 + n2)))
  se_g_corrected <- exact * se_d
  noncentral <- noncentral_limits(d, n1, n2)
  metafor <- escalc("SMD", m1i = mean(higher), m2i = mean(lower), sd1i = sd(higher), sd2i = sd(lower),
                    n1i = n1, n2i = n2)
  data.frame(
    label = label, n_higher = n1, n_lower = n2, mean_higher = mean(higher), mean_lower = mean(lower),
    sd_higher = sd(higher), sd_lower = sd(lower), sd_pooled = pooled, d = d, g = g,
    correction_exact = exact, correction_approximate = approximate, g_approximate = d * approximate,
    se_d_hedges_olkin = se_d, d_low_hedges_olkin = d - z * se_d, d_high_hedges_olkin = d + z * se_d,
    se_g_hedges_olkin = se_g, g_low_hedges_olkin = g - z * se_g, g_high_hedges_olkin = g + z * se_g,
    se_g_corrected = se_g_corrected, g_low_corrected = g - z * se_g_corrected,
    g_high_corrected = g + z * se_g_corrected, d_low_noncentral = noncentral[1],
    d_high_noncentral = noncentral[2], g_low_noncentral = exact * noncentral[1],
    g_high_noncentral = exact * noncentral[2], metafor_g = as.numeric(metafor$yi),
    metafor_variance = as.numeric(metafor$vi), t_p = t.test(higher, lower, var.equal = TRUE)$p.value
  )
}

difference_rows <- function(scores, group, higher, lower) {
  rows <- lapply(names(scores), function(scale) {
    difference_row(scale, scores[[scale]][which(group == higher)], scores[[scale]][which(group == lower)])
  })
  do.call(rbind, rows)
}

psych_d <- function(scores, group) {
  run <- quietly(psych::cohen.d(cbind(scores, group = group), "group"))
  if (is_error(run$value)) return(list(error = run$value$message))
  list(cohen.d = named_matrix(run$value$cohen.d), hedges.g = named_matrix(run$value$hedges.g))
}

comparators_of <- function(min_valid) {
  frame <- bfi_keyed
  scores <- scale_scores(frame, bfi_scales, min_valid)
  by_education <- function(make) {
    lapply(1:5, function(level) {
      kept <- which(frame$education == level)
      make(scores[kept, ], frame[kept, ])
    }) |> setNames(as.character(1:5))
  }
  age <- function(part, rows) correlation_rows(part, rows$age)
  gender <- function(part, rows) difference_rows(part, rows$gender, 2, 1)
  list(
    min_valid = min_valid,
    score_means = as.list(colMeans(scores, na.rm = TRUE)), score_sds = as.list(sapply(scores, sd, na.rm = TRUE)),
    score_n = as.list(colSums(!is.na(scores))),
    age = c(list(total = age(scores, frame)), by_education(age)),
    gender = c(list(total = gender(scores, frame)), by_education(gender)),
    gender_psych = psych_d(scores, frame$gender)
  )
}

complete_scores <- comparators_of(5)
write_record(list(
  versions = versions(c("lavaan", "semTools", "psych", "metafor")),
  bfi_complete = complete_scores,
  bfi_min_valid_3 = comparators_of(3)
), "comparators")

# ---- synthesis --------------------------------------------------------------------------------

# Straight from the restricted likelihood of the random-effects model, without metafor.
base_synthesis <- function(y, v) {
  k <- length(y)
  negative_restricted <- function(tau2) {
    w <- 1 / (v + tau2)
    mu <- sum(w * y) / sum(w)
    0.5 * (sum(log(v + tau2)) + log(sum(w)) + sum(w * (y - mu)^2))
  }
  upper <- 10 * var(y) + 10 * max(v)
  tau2 <- optimize(negative_restricted, c(0, upper), tol = 1e-14)$minimum
  for (step in 1:200) {
    w <- 1 / (v + tau2)
    p <- diag(w) - tcrossprod(w) / sum(w)
    score <- 0.5 * (sum((p %*% y)^2) - sum(diag(p)))
    update <- score / (0.5 * sum(p * p))
    tau2 <- max(0, tau2 + update)
    if (abs(update) < 1e-16 || tau2 == 0) break
  }
  if (negative_restricted(0) <= negative_restricted(tau2)) tau2 <- 0
  w <- 1 / (v + tau2)
  mu <- sum(w * y) / sum(w)
  se <- sqrt(1 / sum(w))
  q_hk <- sum(w * (y - mu)^2) / (k - 1)
  se_hk <- sqrt(q_hk) * se
  se_adhoc <- sqrt(max(1, q_hk)) * se
  w0 <- 1 / v
  q <- sum(w0 * (y - sum(w0 * y) / sum(w0))^2)
  typical <- (k - 1) * sum(w0) / (sum(w0)^2 - sum(w0^2))
  interval <- function(se_of, df) if (df > 0) mu + c(-1, 1) * qt(0.975, df) * se_of else c(NA, NA)
  predict <- function(se_of, df) interval(sqrt(tau2 + se_of^2), df)
  list(
    k = k, y = y, v = v, estimate = mu, tau2 = tau2, Q = q, Q_df = k - 1,
    Q_p = pchisq(q, k - 1, lower.tail = FALSE),
    I2_from_tau2 = 100 * tau2 / (tau2 + typical), I2_from_Q = 100 * max(0, (q - (k - 1)) / q),
    H2_from_tau2 = (tau2 + typical) / typical,
    se_wald = se, ci_wald = mu + c(-1, 1) * qnorm(0.975) * se,
    se_hartung_knapp = se_hk, ci_hartung_knapp = interval(se_hk, k - 1),
    se_hartung_knapp_at_least_wald = se_adhoc, ci_hartung_knapp_at_least_wald = interval(se_adhoc, k - 1),
    prediction_higgins_k_minus_2_wald_se = predict(se, k - 2),
    prediction_k_minus_1_wald_se = predict(se, k - 1),
    prediction_k_minus_2_hk_se = predict(se_hk, k - 2),
    prediction_k_minus_1_hk_se = predict(se_hk, k - 1)
  )
}

metafor_synthesis <- function(y, v) {
  one <- function(test, ...) {
    run <- quietly(rma(y, v, method = "REML", test = test,
                       control = list(threshold = 1e-12, maxiter = 1000)))
    if (is_error(run$value)) return(list(error = run$value$message))
    fit <- run$value
    out <- predict(fit)
    list(estimate = as.numeric(fit$beta), se = fit$se, ci = c(fit$ci.lb, fit$ci.ub), pvalue = fit$pval,
         tau2 = fit$tau2, tau2_se = fit$se.tau2, I2 = fit$I2, H2 = fit$H2, Q = fit$QE, Q_p = fit$QEp,
         prediction = c(out$pi.lb, out$pi.ub))
  }
  list(wald = one("z"), hartung_knapp = one("knha"), adhoc = one("adhoc"))
}

synthesis <- function(y, v, back) {
  base <- base_synthesis(y, v)
  scales <- grep("^(estimate$|ci_|prediction_)", names(base), value = TRUE)
  list(
    base = base, metafor = metafor_synthesis(y, v),
    back_transformed = lapply(base[scales], function(value) {
      out <- back(value)
      if (length(out) == 2) sort(out, na.last = TRUE) else out
    })
  )
}

bonett_y <- function(alpha) -log(1 - alpha)
bonett_back <- function(y) 1 - exp(-y)

alpha_synthesis <- function(frame, scales, column) {
  groups <- by_group(frame, column)[-1]
  lapply(scales, function(items) {
    k <- length(items)
    parts <- lapply(groups, function(rows) complete_rows(rows, items)[items])
    n <- vapply(parts, nrow, 1)
    alpha <- vapply(parts, function(x) k / (k - 1) * (1 - sum(diag(cov(x))) / sum(cov(x))), 1)
    y <- bonett_y(alpha)
    v <- 2 * k / ((k - 1) * (n - 2))
    check <- escalc("ABT", ai = alpha, mi = rep(k, length(n)), ni = n)
    c(list(groups = names(groups), n = unname(n), alpha = unname(alpha),
           escalc_y = as.numeric(check$yi), escalc_v = as.numeric(check$vi)),
      synthesis(unname(y), unname(v), bonett_back))
  })
}

# Omega of a one-factor model by group; -log(1 - omega) with its delta-method variance.
omega_synthesis <- function(frame, scales, column) {
  groups <- by_group(frame, column)[-1]
  out <- lapply(names(scales), function(scale) {
    loading <- paste0("l", seq_along(scales[[scale]]))
    residual <- paste0("t", seq_along(scales[[scale]]))
    model <- paste(c(
      sprintf("f =~ %s", paste(sprintf("%s*%s", loading, scales[[scale]]), collapse = " + ")),
      sprintf("%s ~~ %s*%s", scales[[scale]], residual, scales[[scale]]),
      sprintf("omega := (%s)^2/((%s)^2+%s)", paste(loading, collapse = "+"), paste(loading, collapse = "+"),
              paste(residual, collapse = "+"))
    ), collapse = "\n")
    found <- lapply(groups, function(rows) {
      fit <- quietly(cfa(model, complete_rows(rows, scales[[scale]]), std.lv = TRUE))$value
      estimates <- parameterEstimates(fit)
      unlist(estimates[estimates$lhs == "omega", c("est", "se")])
    })
    omega <- unname(vapply(found, function(x) x[["est"]], 1))
    se <- unname(vapply(found, function(x) x[["se"]], 1))
    c(list(groups = names(groups), omega = omega, se = se),
      synthesis(bonett_y(omega), (se / (1 - omega))^2, bonett_back))
  })
  names(out) <- names(scales)
  out
}

correlation_synthesis <- function(rows_by_group) {
  scales <- rows_by_group[[1]]$scale
  out <- lapply(scales, function(scale) {
    r <- vapply(rows_by_group, function(rows) rows$pearson[rows$scale == scale], 1)
    n <- vapply(rows_by_group, function(rows) rows$n[rows$scale == scale], 1)
    c(list(groups = names(rows_by_group), r = unname(r), n = unname(n)),
      synthesis(unname(atanh(r)), unname(1 / (n - 3)), tanh))
  })
  names(out) <- scales
  out
}

difference_synthesis <- function(rows_by_group) {
  scales <- rows_by_group[[1]]$label
  out <- lapply(scales, function(scale) {
    g <- vapply(rows_by_group, function(rows) rows$g[rows$label == scale], 1)
    se <- vapply(rows_by_group, function(rows) rows$se_g_hedges_olkin[rows$label == scale], 1)
    c(list(groups = names(rows_by_group), g = unname(g)), synthesis(unname(g), unname(se^2), identity))
  })
  names(out) <- scales
  out
}

write_record(list(
  versions = versions(c("lavaan", "semTools", "psych", "metafor")),
  hs_alpha = alpha_synthesis(hs, hs_scales, "school"),
  bfi_alpha = alpha_synthesis(bfi_keyed, bfi_scales, "education"),
  hs_omega = omega_synthesis(hs, hs_scales, "school"),
  bfi_omega = omega_synthesis(bfi_keyed, bfi_scales, "education"),
  bfi_age_correlation = correlation_synthesis(complete_scores$age[-1]),
  bfi_gender_difference = difference_synthesis(complete_scores$gender[-1])
), "synthesis")
