# Five factors, 25 items, up to 2,800 rows: engine_bfi.json.

complete25 <- complete_rows(bfi_keyed, bfi_items)
complete25$site6 <- seq_len(nrow(complete25)) %% 6

levels_of <- list(
  configural = "none", metric = "loadings", scalar = c("loadings", "intercepts"),
  strict = c("loadings", "intercepts", "residuals")
)

bfi_ladder <- function(group, levels = levels_of, tests = lrt_rows, data = complete25, ...) {
  runs <- lapply(levels, function(equal) {
    quietly(cfa(bfi_model, data, group = group, group.equal = equal, ...))
  })
  records <- lapply(runs, engine_record, keep = slim)
  records$tests_between <- tests(lapply(runs, function(run) run$value))
  records
}

default_and_2000 <- function(fits) {
  list(default = lrt_rows(fits), satorra_2000_delta_shifted = lrt_rows(fits, method = "satorra.2000"))
}

first_scores <- function(fit, method) {
  scores <- lavPredict(fit, method = method)
  named_matrix(scores[1:20, ])
}

one_group <- function() {
  std <- cfa(bfi_model, complete25, std.lv = TRUE)
  scored <- list(regression = first_scores(std, "EBM"), Bartlett = first_scores(std, "Bartlett"))
  list(
    MLR = engine_cfa(bfi_model, bfi_keyed, estimator = "MLR", more = "standardized"),
    MLR_std_lv = engine_cfa(bfi_model, bfi_keyed, estimator = "MLR", std.lv = TRUE),
    MLM = engine_cfa(bfi_model, bfi_keyed, estimator = "MLM"),
    MLM_mplus = engine_cfa(bfi_model, bfi_keyed, estimator = "MLM", mimic = "Mplus"),
    MLMV = engine_cfa(bfi_model, bfi_keyed, estimator = "MLMV"),
    ML_observed = engine_cfa(bfi_model, bfi_keyed, information = "observed"),
    ULS = engine_cfa(bfi_model, bfi_keyed, estimator = "ULS"),
    FIML = engine_cfa(bfi_model, bfi_keyed, missing = "ml", more = c("standardized", "sample")),
    FIML_MLR = engine_cfa(bfi_model, bfi_keyed, missing = "ml", estimator = "MLR"),
    cluster140 = engine_cfa(bfi_model, bfi_keyed, cluster = "cluster140"),
    cluster140_fiml = engine_cfa(bfi_model, bfi_keyed, cluster = "cluster140", missing = "ml"),
    weights = engine_cfa(bfi_model, bfi_keyed, sampling.weights = "weight"),
    factor_scores_first_20_complete = scored
  )
}

write_record(list(
  versions = versions(), rules = rules, bfi_model = bfi_model, reversed = as.list(bfi_reversed),
  one_group = one_group(),
  gender_ML = bfi_ladder("gender"),
  gender_MLR = bfi_ladder("gender", levels_of[1:3], default_and_2000, estimator = "MLR"),
  gender_FIML = bfi_ladder("gender", data = bfi_keyed, missing = "ml"),
  education_ML = bfi_ladder("education", levels_of[1:3]),
  six_ML = bfi_ladder("site6"),
  six_MLR = bfi_ladder("site6", levels_of[1:3], lrt_rows, estimator = "MLR"),
  six_std_lv = bfi_ladder("site6", levels_of[2:3], std.lv = TRUE)
), "engine_bfi")
