# More coefficients of internal consistency: consistency.json. About 20 seconds.
# Run: Rscript tests/reference/consistency.R

argument <- grep("^--file=", commandArgs(trailingOnly = FALSE), value = TRUE)
source(file.path(dirname(normalizePath(sub("^--file=", "", argument[[1]]))), "common.R"))

whole <- function(items, frame = bfi_keyed) complete_rows(frame, items)[items]
extraverted_neurotic <- c(bfi_scales$E, bfi_scales$N)

# ---- psych: Guttman's bounds and split halves ---------------------------------------------------
# Guttman's formula (4 cov / var), of correlations (psych's default) and of covariances. For an odd
# number of items `brute` runs through half of the splits only.

halves <- function(frame) {
  out <- lapply(c(correlations = FALSE, covariances = TRUE), function(covar) {
    found <- quietly(psych::splitHalf(frame, brute = TRUE, raw = TRUE, covar = covar, check.keys = FALSE))$value
    list(highest = found$maxrb, lowest = found$minrb, mean = found$meanr, alpha = found$alpha,
         lambda2 = found$lambda2, lambda6 = found$lambda6, average_r = found$av.r, n_splits = length(found$raw),
         raw = as.numeric(found$raw))
  })
  out
}

# ---- psych: omega with three group factors ------------------------------------------------------

hierarchy <- function(data, ...) {
  found <- quietly(psych::omega(data, nfactors = 3, plot = FALSE, ...))$value
  list(omega_h = found$omega_h, omega_total = found$omega.tot, ecv = found$ECV,
       groups = named_matrix(as.matrix(found$omega.group)),
       schmid = named_matrix(found$schmid$sl))
}

# ---- lavaan: bifactor and second-order models ---------------------------------------------------
# Omegas as defined parameters, so that they come with delta-method errors.

groups_thurstone <- list(one = 1:3, two = 4:6, three = 7:9)
thurstone_names <- paste0("t", 1:9)
thurstone <- psych::Thurstone
dimnames(thurstone) <- list(thurstone_names, thurstone_names)

bifactor_text <- function(items, groups) {
  general <- paste(sprintf("g%d*%s", seq_along(items), items), collapse = " + ")
  residual <- paste(sprintf("%s ~~ u%d*%s", items, seq_along(items), items), collapse = "\n")
  own <- vapply(names(groups), function(name) {
    at <- groups[[name]]
    paste(name, "=~", paste(sprintf("s%d*%s", at, items[at]), collapse = " + "))
  }, "")
  sum_of <- function(letter, at) paste0("(", paste0(letter, at, collapse = " + "), ")")
  every <- seq_along(items)
  parts <- vapply(groups, function(at) paste0(sum_of("s", at), "^2"), "")
  total <- paste0("(", sum_of("g", every), "^2 + ", paste(parts, collapse = " + "), " + ", sum_of("u", every), ")")
  subscales <- vapply(names(groups), function(name) {
    at <- groups[[name]]
    whole <- paste0("(", sum_of("g", at), "^2 + ", sum_of("s", at), "^2 + ", sum_of("u", at), ")")
    paste0("subscale_", name, " := ", sum_of("s", at), "^2 / ", whole, "\n",
           "total_", name, " := (", sum_of("g", at), "^2 + ", sum_of("s", at), "^2) / ", whole)
  }, "")
  paste(c(
    paste("general =~", general), own, residual,
    paste0("omega_hierarchical := ", sum_of("g", every), "^2 / ", total),
    paste0("omega_total := 1 - ", sum_of("u", every), " / ", total), subscales
  ), collapse = "\n")
}

bifactor <- function(...) {
  fit <- quietly(cfa(..., orthogonal = TRUE, std.lv = TRUE))$value
  rows <- parameterEstimates(fit)
  list(defined = plain_frame(rows[rows$op == ":=", c("lhs", "est", "se")]), chisq = fitMeasures(fit, "chisq")[[1]],
       proper = isTRUE(quietly(lavInspect(fit, "post.check"))$value))
}

second_order <- function(frame, model, name, ...) {
  fit <- quietly(cfa(paste(model, paste(name, "=~", paste(names(hs_scales), collapse = " + ")), sep = "\n"), frame, ...))$value
  list(level_2 = named_vector(quietly(semTools::reliabilityL2(fit, name))$value),
       first = plain_reliability(quietly(semTools::reliability(fit))$value),
       relative = plain_reliability(quietly(semTools::compRelSEM(fit, higher = name))$value),
       chisq = fitMeasures(fit, "chisq")[[1]])
}

plain_reliability <- function(value) {
  if (is_error(value)) return(list(error = value$message))
  if (is.matrix(value)) return(named_matrix(value))
  named_vector(value)
}

# ---- lavaan: the distribution-free error of alpha -----------------------------------------------
# A saturated model with robust errors: alpha is defined from its variances and covariances, whose
# errors are then those without assumptions. Over n, as in lavaan.

free_alpha <- function(frame) {
  items <- names(frame)
  k <- length(items)
  own <- paste(sprintf("%s ~~ v%d*%s", items, seq_len(k), items), collapse = "\n")
  pairs <- combn(k, 2)
  labels <- sprintf("c%d_%d", pairs[1, ], pairs[2, ])
  between <- paste(sprintf("%s ~~ %s*%s", items[pairs[1, ]], labels, items[pairs[2, ]]), collapse = "\n")
  text <- paste0(own, "\n", between, "\nalpha := ", k, "/", k - 1, " * (1 - (", paste0("v", seq_len(k), collapse = "+"),
                 ") / (", paste0("v", seq_len(k), collapse = "+"), " + 2*(", paste(labels, collapse = "+"), ")))")
  fit <- sem(text, frame, estimator = "MLR", meanstructure = TRUE)
  row <- parameterEstimates(fit)
  row <- row[row$lhs == "alpha", ]
  list(alpha = row$est, se = row$se, n = nrow(frame))
}

# ---- base R: variance of scale means between clusters -------------------------------------------

one_way <- function(values, cluster) {
  table <- summary(aov(values ~ factor(cluster)))[[1]]
  list(ms_between = table[1, "Mean Sq"], ms_within = table[2, "Mean Sq"], df_between = table[1, "Df"],
       df_within = table[2, "Df"], f = table[1, "F value"])
}

# ---- semTools: omega without each item ----------------------------------------------------------

omega_without <- function(frame) {
  items <- names(frame)
  values <- vapply(seq_along(items), function(i) {
    fit <- cfa(paste("f =~", paste(items[-i], collapse = " + ")), frame, std.lv = TRUE)
    as.numeric(quietly(compRelSEM(fit, obs.var = FALSE))$value[[1]])
  }, numeric(1))
  data.frame(item = items, omega_if_deleted = values)
}

services <- 1 + (seq_len(nrow(hs)) - 1) %% 23

write_record(list(
  versions = versions(),
  halves = list(hs_nine = halves(hs[hs_items]), bfi_A = halves(whole(bfi_scales$A)), bfi_N = halves(whole(bfi_scales$N)),
                bfi_EN = halves(whole(extraverted_neurotic)), thurstone = halves(thurstone)),
  psych_omega = list(thurstone = hierarchy(thurstone, n.obs = 213), hs = hierarchy(hs[hs_items], fm = "minres")),
  bifactor = list(thurstone = bifactor(bifactor_text(thurstone_names, groups_thurstone), sample.cov = thurstone, sample.nobs = 213)),
  thurstone = list(correlation = named_matrix(thurstone)),
  second_order = list(hs = second_order(hs, hs_model, "g"), hs_std_lv = second_order(hs, hs_model, "g", std.lv = TRUE)),
  free_alpha = lapply(bfi_scales, function(items) free_alpha(whole(items))),
  omega_without = lapply(bfi_scales, function(items) omega_without(whole(items))),
  one_way = lapply(hs_scales, function(items) one_way(rowMeans(hs[items]), services))
), "consistency")
