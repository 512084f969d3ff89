# Two schools: engine_groups.json.

hs_missing <- read_data("hs_missing")

group_equal <- list(
  configural = "none", metric = "loadings", scalar = c("loadings", "intercepts"),
  strict = c("loadings", "intercepts", "residuals")
)
more_equal <- list(
  variances = c("loadings", "intercepts", "residuals", "lv.variances"),
  covariances = c("loadings", "intercepts", "residuals", "lv.variances", "lv.covariances"),
  means = c("loadings", "intercepts", "residuals", "lv.variances", "lv.covariances", "means")
)
few <- c("standardized", "modification_indices", "residuals_cor")

ladder <- function(model, data, levels = group_equal, more = character(0), ...) {
  runs <- lapply(levels, function(equal) {
    quietly(cfa(model, data, group = "school", group.equal = equal, ...))
  })
  list(fits = lapply(runs, function(run) run$value), records = lapply(runs, engine_record, more = more))
}

recorded_ladder <- function(..., tests = lrt_rows) {
  made <- ladder(...)
  made$records$tests_between <- tests(made$fits)
  made$records
}

maximum_likelihood <- function() {
  made <- ladder(hs_model, hs, c(group_equal, more_equal), more = "standardized")
  for (level in c("configural", "metric", "scalar")) {
    made$records[[level]]$modification_indices <- plain_frame(quietly(modindices(made$fits[[level]]))$value)
  }
  made$records$scalar$vcov <- named_matrix(vcov(made$fits$scalar))
  made$records$scalar$implied <- all_matrices(fitted(made$fits$scalar))
  made$records$scalar$residuals_cor <- all_matrices(residuals(made$fits$scalar, type = "cor"))
  partial <- quietly(cfa(hs_model, hs, group = "school", group.equal = group_equal$scalar,
                         group.partial = c("x3~1", "x7~1")))
  partial_loading <- quietly(cfa(hs_model, hs, group = "school", group.equal = "loadings",
                                 group.partial = c("visual=~x2", "x7~~x8")))
  c(made$records, list(
    partial = engine_record(partial, more = few),
    partial_loading = engine_record(partial_loading, more = "standardized"),
    tests_between = lrt_rows(made$fits),
    tests_partial = lrt_rows(list(metric = made$fits$metric, partial = partial$value)),
    score_metric = score_tests(made$fits$metric), score_scalar = score_tests(made$fits$scalar),
    score_strict = score_tests(made$fits$strict), score_partial = score_tests(partial$value),
    residuals_standardized = list(
      scalar = all_matrices(quietly(residuals(made$fits$scalar, type = "standardized"))$value)
    )
  ))
}

robust_partial <- function(...) {
  list(metric = cfa(hs_model, hs, group = "school", group.equal = "loadings", ...),
       partial = cfa(hs_model, hs, group = "school", group.equal = group_equal$scalar,
                     group.partial = c("x3~1", "x7~1"), ...))
}

labelled <- "
visual =~ x1 + c(a1, a2)*x2 + c(b, b)*x3
textual =~ x4 + c(d, d)*x5 + c(0.9, NA)*x6
speed =~ x7 + x8 + x9
visual ~~ c(v1, v2)*visual
difference := a2 - a1
ratio := v2/v1
"
second_order <- paste(hs_model, "g =~ visual + textual + speed", sep = "\n")
mimic <- paste(hs_model, "visual + textual + speed ~ ageyr + sex", sep = "\n")

kinds <- function() {
  effects <- lapply(group_equal[1:3], function(equal) {
    engine_cfa(hs_model, hs, group = "school", group.equal = equal, effect.coding = c("loadings", "intercepts"),
               more = "standardized")
  })
  parts <- split(hs, factor(hs$school, levels = c("Pasteur", "Grant-White")))
  list(
    models = list(labelled = labelled, second_order = second_order, mimic = mimic),
    std_lv = recorded_ladder(hs_model, hs, std.lv = TRUE),
    effect_coding = effects,
    labelled = engine_cfa(labelled, hs, group = "school", more = c("standardized", "vcov")),
    labelled_mlr = engine_cfa(labelled, hs, group = "school", estimator = "MLR"),
    second_order_configural = engine_cfa(second_order, hs, group = "school"),
    second_order_metric = engine_cfa(second_order, hs, group = "school", group.equal = "loadings", more = "standardized"),
    mimic = engine_sem(mimic, hs, group = "school"),
    mimic_regressions = engine_sem(mimic, hs, group = "school", group.equal = c("loadings", "intercepts", "regressions"),
                                   more = "standardized"),
    residual_covariance_metric = engine_cfa(paste(hs_model, "x7 ~~ x8", sep = "\n"), hs, group = "school",
                                            group.equal = c("loadings", "residual.covariances")),
    uls_metric = engine_cfa(hs_model, hs, group = "school", group.equal = "loadings", estimator = "ULS"),
    uls_scalar = engine_cfa(hs_model, hs, group = "school", group.equal = group_equal$scalar, estimator = "ULS"),
    observed_scalar = engine_cfa(hs_model, hs, group = "school", group.equal = group_equal$scalar,
                                 information = "observed"),
    no_means_metric = engine_cfa(hs_model, hs, group = "school", group.equal = "loadings", meanstructure = FALSE),
    from_moments_scalar = engine_cfa(hs_model, sample.cov = lapply(parts, function(x) cov(x[hs_items])),
                                     sample.mean = lapply(parts, function(x) colMeans(x[hs_items])),
                                     sample.nobs = vapply(parts, nrow, 1L), group.equal = group_equal$scalar),
    cluster101_configural = engine_cfa(hs_model, hs, group = "school", cluster = "cluster101"),
    cluster101_scalar = engine_cfa(hs_model, hs, group = "school", group.equal = group_equal$scalar,
                                  cluster = "cluster101"),
    weights_configural = engine_cfa(hs_model, hs, group = "school", sampling.weights = "weight"),
    weights_scalar = engine_cfa(hs_model, hs, group = "school", group.equal = group_equal$scalar,
                                sampling.weights = "weight")
  )
}

write_record(list(
  versions = versions(), rules = rules, hs_model = hs_model, group_equal = c(group_equal, more_equal),
  ML = maximum_likelihood(),
  MLR = recorded_ladder(hs_model, hs, estimator = "MLR", tests = robust_lrts),
  MLR_partial_tests = robust_lrts(robust_partial(estimator = "MLR")),
  MLR_partial = engine_record(quietly(robust_partial(estimator = "MLR")$partial), more = "standardized"),
  MLM = recorded_ladder(hs_model, hs, estimator = "MLM", tests = robust_lrts),
  MLM_mplus = recorded_ladder(hs_model, hs, estimator = "MLM", mimic = "Mplus", tests = robust_lrts),
  FIML = recorded_ladder(hs_model, hs_missing, missing = "ml"),
  FIML_MLR = recorded_ladder(hs_model, hs_missing, missing = "ml", estimator = "MLR", tests = robust_lrts),
  kinds = kinds()
), "engine_groups")
