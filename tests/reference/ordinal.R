# Records thresholds, polychoric and polyserial correlations and their asymptotic covariance: ordinal.json
# (and data/datcat.csv).
# Run from anywhere:  Rscript tests/reference/ordinal.R       (20 seconds)

argument <- grep("^--file=", commandArgs(trailingOnly = FALSE), value = TRUE)
here <- if (length(argument)) dirname(normalizePath(sub("^--file=", "", argument[[1]]))) else "tests/reference"
source(file.path(here, "common.R"))
source(file.path(here, "ordinal_common.R"))

datcat <- write_datcat()

# ---- one set of moments -----------------------------------------------------------------------

plain_model <- function(items) paste("f =~", paste(items, collapse = " + "))

# The statistics and their asymptotic covariance as lavaan has them: the model only carries the items.
moments_fit <- function(data, items, ordered = items, ...) {
  quietly(cfa(plain_model(items), data, ordered = ordered, estimator = "WLSMV", do.fit = FALSE, ...))
}

# Large matrices are recorded by their diagonal and three products with fixed vectors.
probes <- function(size) {
  k <- seq_len(size)
  cbind(1, (k %% 7) - 3, (-1)^k * (k %% 5))
}

of_gamma <- function(gamma, whole) {
  gamma <- unclass(gamma)
  out <- list(names = as.list(rownames(gamma)), diagonal = unname(diag(gamma)))
  if (whole) out$values <- unname(gamma) else out$products <- unname(gamma %*% probes(nrow(gamma)))
  out
}

as_groups <- function(value) if (is.list(value)) value else list(value)

record_moments <- function(data, items, ordered = items, whole = TRUE, ...) {
  run <- moments_fit(data, items, ordered, ...)
  if (is_error(run$value)) return(list(error = run$value$message, warnings = run$warnings))
  fit <- run$value
  observed <- as_groups(lavInspect(fit, "wls.obs"))
  gamma <- as_groups(lavInspect(fit, "gamma"))
  sample <- lavInspect(fit, "sampstat")
  if (!is.null(sample$cov)) sample <- list(sample)
  list(
    items = as.list(items), ordered = as.list(ordered), groups = as.list(lavInspect(fit, "group.label")),
    n_by_group = as.list(lavInspect(fit, "nobs")), warnings = run$warnings,
    statistics = lapply(unname(observed), as.numeric),
    covariance = lapply(unname(sample), function(group) named_matrix(group$cov)),
    gamma = lapply(unname(gamma), of_gamma, whole = whole)
  )
}

# ---- correlations by two programs -------------------------------------------------------------

record_correlations <- function(data, items) {
  complete <- quietly(lavCor(data[items], ordered = items, output = "cor"))
  thresholds <- quietly(lavCor(data[items], ordered = items, output = "th"))
  by_psych <- quietly(psych::polychoric(data[items], correct = 0, global = FALSE, max.cat = 20))
  list(
    lavaan = named_matrix(complete$value), lavaan_warnings = complete$warnings,
    thresholds = named_vector(thresholds$value),
    psych = named_matrix(by_psych$value$rho), psych_warnings = by_psych$warnings
  )
}

# ---- tables with empty cells ------------------------------------------------------------------

tables <- list(
  plain_2x2 = rbind(c(30, 5), c(8, 12)),
  one_empty_off = rbind(c(20, 0), c(10, 15)),
  one_empty_on = rbind(c(0, 12), c(25, 13)),
  independent = rbind(c(10, 20), c(15, 30)),
  median_split = rbind(c(30, 10), c(10, 30)),
  predicted = rbind(c(20, 0), c(0, 15)),
  predicted_turned = rbind(c(0, 20), c(15, 0)),
  sparse_3x3 = rbind(c(20, 3, 0), c(4, 18, 2), c(0, 5, 21)),
  one_empty_2x3 = rbind(c(15, 8, 0), c(4, 11, 17)),
  strong_4x4 = rbind(c(25, 4, 0, 0), c(3, 30, 5, 0), c(0, 4, 28, 3), c(0, 0, 2, 20)),
  negative_3x4 = rbind(c(0, 2, 9, 14), c(5, 12, 8, 3), c(16, 7, 1, 0))
)

record_table <- function(counts) {
  data <- rows_of_table(counts)
  run <- quietly(lavCor(data, ordered = c("a", "b"), output = "cor"))
  psych <- quietly(psych::polychoric(data, correct = 0, global = FALSE))
  list(
    counts = counts,
    lavaan = if (is_error(run$value)) list(error = run$value$message) else run$value[2, 1],
    warnings = run$warnings,
    psych_uncorrected = if (is_error(psych$value)) list(error = psych$value$message) else psych$value$rho[2, 1]
  )
}

# ---- all of it --------------------------------------------------------------------------------

bfi_complete <- complete_rows(bfi, bfi_items)
by_gender <- complete_rows(bfi, c(neuroticism, "gender"))
by_education <- complete_rows(bfi, c(neuroticism, "education"))
weighted <- bfi
weighted$weight <- 0.5 + (seq_len(nrow(bfi)) %% 5) / 2

write_record(list(
  versions = versions(), rules = ordinal_rules,
  probes = "the columns are 1, k %% 7 - 3 and (-1)^k (k %% 5), k = 1, 2, ...",
  correlations = list(
    bfi_n_complete = record_correlations(bfi_n_complete, neuroticism),
    bfi_complete = record_correlations(bfi_complete, bfi_items),
    bfi_24_complete = record_correlations(complete_rows(bfi, bfi_items[-25]), bfi_items[-25]),
    datcat = record_correlations(datcat, datcat_items),
    bfi_binary = record_correlations(bfi_binary, neuroticism),
    hs_cut = record_correlations(hs_cut, hs_items)
  ),
  tables = lapply(tables, record_table),
  moments = list(
    bfi_n_complete = record_moments(bfi_n_complete, neuroticism),
    bfi_n_pairwise = record_moments(bfi, neuroticism, missing = "pairwise"),
    bfi_n_gender = record_moments(by_gender, neuroticism, group = "gender"),
    bfi_n_education = record_moments(by_education, neuroticism, group = "education", whole = FALSE),
    bfi_n_education_pairwise = record_moments(bfi[!is.na(bfi$education), ], neuroticism,
                                              group = "education", missing = "pairwise", whole = FALSE),
    bfi_complete = record_moments(bfi_complete, bfi_items, whole = FALSE),
    bfi_pairwise = record_moments(bfi, bfi_items, whole = FALSE, missing = "pairwise"),
    bfi_gender = record_moments(complete_rows(bfi, c(bfi_items, "gender")), bfi_items, group = "gender",
                                whole = FALSE),
    bfi_n_weighted = record_moments(weighted[complete.cases(weighted[neuroticism]), ], neuroticism,
                                    sampling.weights = "weight"),
    bfi_n_weighted_gender = record_moments(
      weighted[complete.cases(weighted[c(neuroticism, "gender")]), ], neuroticism, group = "gender",
      sampling.weights = "weight", whole = FALSE
    ),
    bfi_binary = record_moments(bfi_binary, neuroticism),
    datcat = record_moments(datcat, datcat_items),
    datcat_groups = record_moments(datcat, datcat_items, group = "g", whole = FALSE),
    hs_cut = record_moments(hs_cut, hs_items, whole = FALSE),
    hs_mixed = record_moments(hs_mixed, hs_items, ordered = mixed_ordered),
    hs_mixed_school = record_moments(hs_mixed, hs_items, ordered = mixed_ordered, group = "school",
                                     whole = FALSE),
    hs_mixed_pairwise = record_moments(hs_mixed_missing, hs_items, ordered = mixed_ordered,
                                       missing = "pairwise"),
    hs_mixed_weighted = record_moments(hs_mixed, hs_items, ordered = mixed_ordered,
                                       sampling.weights = "weight", whole = FALSE)
  )
), "ordinal")
