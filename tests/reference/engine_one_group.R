# One group, every estimator and kind of model: engine_hs.json.

hs_missing <- write_hs_missing()

# ---- estimators -------------------------------------------------------------------------------

everything <- c("standardized", "vcov", "implied", "residuals_cor", "residuals_standardized")

estimators <- function() {
  runs <- list(
    ML = list(), ML_observed = list(information = "observed"),
    ML_observed_h1 = list(information = "observed", observed.information = "h1"),
    ML_robust_sem = list(se = "robust.sem", test = "satorra.bentler"),
    ML_first_order = list(information = "first.order"),
    MLF = list(estimator = "MLF"),
    MLR = list(estimator = "MLR"), MLR_expected = list(estimator = "MLR", information = "expected"),
    MLR_mplus = list(estimator = "MLR", mimic = "Mplus"),
    MLM = list(estimator = "MLM"), MLM_mplus = list(estimator = "MLM", mimic = "Mplus"),
    MLMV = list(estimator = "MLMV"), MLMV_mplus = list(estimator = "MLMV", mimic = "Mplus"),
    MLMVS = list(estimator = "MLMVS"),
    ULS = list(estimator = "ULS"), ULSM = list(estimator = "ULSM"), ULSMV = list(estimator = "ULSMV"),
    ULS_robust_sem = list(estimator = "ULS", se = "robust.sem"),
    YB_test = list(test = "yuan.bentler", se = "robust.huber.white"),
    YB_mplus_test = list(test = "yuan.bentler.mplus", se = "robust.huber.white"),
    GLS = list(estimator = "GLS")
  )
  out <- lapply(runs, function(options) {
    run <- quietly(do.call("cfa", c(list(model = hs_model, data = quote(hs)), options)))
    engine_record(run, more = c("standardized", "residuals_standardized"))
  })
  out$MLR_std_lv <- engine_cfa(hs_model, hs, estimator = "MLR", std.lv = TRUE, more = everything)
  out
}

# ---- missing answers --------------------------------------------------------------------------

fiml <- function() {
  patterns <- function(fit) {
    list(n_used = lavInspect(fit, "nobs"), coverage = named_matrix(lavInspect(fit, "coverage")),
         patterns = named_matrix(lavInspect(fit, "patterns")))
  }
  first <- quietly(cfa(hs_model, hs_missing, missing = "ml"))
  list(
    ML = c(engine_record(first, c(everything, "sample", "modification_indices")), patterns(first$value)),
    ML_std_lv = engine_cfa(hs_model, hs_missing, missing = "ml", std.lv = TRUE),
    ML_expected = engine_cfa(hs_model, hs_missing, missing = "ml", information = "expected"),
    MLR = engine_cfa(hs_model, hs_missing, missing = "ml", estimator = "MLR", more = everything),
    MLR_expected = engine_cfa(hs_model, hs_missing, missing = "ml", estimator = "MLR", information = "expected"),
    MLR_mplus = engine_cfa(hs_model, hs_missing, missing = "ml", estimator = "MLR", mimic = "Mplus"),
    listwise = engine_cfa(hs_model, hs_missing),
    residual_covariance = engine_cfa(paste(hs_model, "x7 ~~ x8", sep = "\n"), hs_missing, missing = "ml"),
    one_factor = engine_cfa(paste("g =~", paste(hs_items, collapse = " + ")), hs_missing, missing = "ml",
                            estimator = "MLR")
  )
}

# ---- kinds of model ---------------------------------------------------------------------------

bifactor <- "
g =~ x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9
"
mimic <- paste(hs_model, "visual + textual + speed ~ ageyr + sex", sep = "\n")
latent_regression <- paste(hs_model, "speed ~ b1*visual + b2*textual", "textual ~ b3*visual",
                           "indirect := b3*b2", "total := b1 + b3*b2", sep = "\n")
path <- "
x4 ~ a*x1
x7 ~ b*x4 + c*x1
indirect := a*b
total := c + a*b
"
linear_constraints <- "
visual =~ x1 + l2*x2 + l3*x3
textual =~ x4 + l5*x5 + l6*x6
speed =~ x7 + l8*x8 + l9*x9
l5 + l6 == 2
l3 == l2 + 0.1
ratio := l8/l9
"
latent_mean <- "
visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9
x1 ~ 0*1
x4 ~ 0*1
x7 ~ 0*1
visual ~ 1
textual ~ 1
speed ~ 1
"
correlated_uniqueness <- paste(hs_model, "x1 ~~ x4 + x7", "x2 ~~ x5", sep = "\n")
second_order <- paste(hs_model, "g =~ visual + textual + speed", sep = "\n")
started <- "
visual =~ x1 + start(0.5)*x2 + start(0.7)*x3
textual =~ start(1.2)*x4 + NA*x4 + x5 + x6
textual ~~ 1*textual
speed =~ x7 + x8 + x9
visual ~~ 0*speed
"
mtmm_like <- paste(hs_model, "x1 ~~ u*x1", "x2 ~~ u*x2", "x3 ~~ u*x3", "textual ~~ c1*visual",
                   "speed ~~ c1*visual", sep = "\n")

kinds <- function() {
  ml <- list(
    bifactor = engine_cfa(bifactor, hs, orthogonal = TRUE, std.lv = TRUE, more = everything),
    second_order = engine_cfa(second_order, hs, more = everything),
    second_order_std_lv = engine_cfa(second_order, hs, std.lv = TRUE),
    correlated_uniqueness = engine_cfa(correlated_uniqueness, hs, more = everything),
    residual_covariance = engine_cfa(paste(hs_model, "x7 ~~ x8", sep = "\n"), hs, estimator = "MLR"),
    mimic = engine_sem(mimic, hs, more = c(everything, "r_squared", "modification_indices")),
    mimic_means = engine_sem(mimic, hs, meanstructure = TRUE),
    mimic_random_x = engine_sem(mimic, hs, fixed.x = FALSE),
    mimic_mlr = engine_sem(mimic, hs, estimator = "MLR"),
    mimic_fiml = engine_sem(mimic, hs_missing, missing = "ml"),
    mimic_fiml_mlr = engine_sem(mimic, hs_missing, missing = "ml", estimator = "MLR"),
    latent_regression = engine_sem(latent_regression, hs, more = c(everything, "r_squared")),
    latent_regression_mlr = engine_sem(latent_regression, hs, estimator = "MLR", more = "standardized"),
    path = engine_sem(path, hs, more = c("standardized", "implied")),
    linear_constraints = engine_cfa(linear_constraints, hs, more = c("standardized", "vcov")),
    linear_constraints_mlr = engine_cfa(linear_constraints, hs, estimator = "MLR"),
    latent_mean = engine_cfa(latent_mean, hs, more = c("standardized", "vcov")),
    start_and_fixed = engine_cfa(started, hs),
    equal_residuals_and_covariances = engine_cfa(mtmm_like, hs, more = "standardized"),
    effect_coding_loadings = engine_cfa(hs_model, hs, effect.coding = "loadings", more = c("standardized", "vcov")),
    effect_coding_both = engine_cfa(hs_model, hs, effect.coding = c("loadings", "intercepts"),
                                    meanstructure = TRUE, more = c("standardized", "vcov"))
  )
  c(list(models = list(
    bifactor = bifactor, second_order = second_order, correlated_uniqueness = correlated_uniqueness,
    mimic = mimic, latent_regression = latent_regression, path = path, linear_constraints = linear_constraints,
    latent_mean = latent_mean, start_and_fixed = started, equal_residuals_and_covariances = mtmm_like
  )), ml)
}

# Wheaton, Muthen, Alwin and Summers (1977): stability of alienation, 932 people, 6 variables.
wheaton_names <- c("anomia67", "powerless67", "anomia71", "powerless71", "education", "sei")
wheaton_lower <- c(
  11.834,
  6.947, 9.364,
  6.819, 5.091, 12.532,
  4.783, 5.028, 7.495, 9.986,
  -3.839, -3.889, -3.841, -3.625, 9.610,
  -21.899, -18.831, -21.748, -18.775, 35.522, 450.288
)
wheaton_model <- "
ses =~ education + sei
alien67 =~ anomia67 + powerless67
alien71 =~ anomia71 + powerless71
alien71 ~ stability*alien67 + direct*ses
alien67 ~ first*ses
anomia67 ~~ anomia71
powerless67 ~~ powerless71
indirect := first*stability
total := direct + first*stability
"

wheaton <- function() {
  covariance <- matrix(0, 6, 6, dimnames = list(wheaton_names, wheaton_names))
  covariance[upper.tri(covariance, diag = TRUE)] <- wheaton_lower
  covariance <- covariance + t(covariance) - diag(diag(covariance))
  more <- c(everything, "modification_indices", "r_squared")
  list(
    model = wheaton_model, cov = named_matrix(covariance), n_obs = 932,
    ML = engine_sem(wheaton_model, sample.cov = covariance, sample.nobs = 932, more = more),
    ML_std_lv = engine_sem(wheaton_model, sample.cov = covariance, sample.nobs = 932, std.lv = TRUE),
    ML_wishart = engine_sem(wheaton_model, sample.cov = covariance, sample.nobs = 932, likelihood = "wishart"),
    ML_observed = engine_sem(wheaton_model, sample.cov = covariance, sample.nobs = 932, information = "observed"),
    ULS = engine_sem(wheaton_model, sample.cov = covariance, sample.nobs = 932, estimator = "ULS"),
    hs_from_moments = engine_cfa(hs_model, sample.cov = cov(hs[hs_items]), sample.mean = colMeans(hs[hs_items]),
                                 sample.nobs = 301)
  )
}

# ---- clusters, weights, bounds, scores --------------------------------------------------------

sampling <- function() {
  list(
    cluster61 = engine_cfa(hs_model, hs, cluster = "cluster61", more = c("standardized", "vcov")),
    cluster61_fiml = engine_cfa(hs_model, transform(hs_missing, cluster61 = hs$cluster61),
                                cluster = "cluster61", missing = "ml"),
    cluster_school_grade = engine_cfa(hs_model, hs, cluster = "school_grade"),
    weights = engine_cfa(hs_model, hs, sampling.weights = "weight", more = c("standardized", "vcov", "sample")),
    weights_ml = engine_cfa(hs_model, hs, sampling.weights = "weight", estimator = "ML"),
    weights_fiml = engine_cfa(hs_model, transform(hs_missing, weight = hs$weight), sampling.weights = "weight",
                              missing = "ml"),
    weights_cluster61 = engine_cfa(hs_model, hs, sampling.weights = "weight", cluster = "cluster61")
  )
}

bounded <- function() {
  rows <- hs[heywood_rows, ]
  more <- "standardized"
  kinds <- c(none = "none", standard = "standard", pos.var = "pos.var", wide = "wide")
  list(
    rows = as.list(heywood_rows),
    ML = lapply(kinds, function(kind) {
      run <- quietly(cfa(hs_model, rows, bounds = kind))
      out <- engine_record(run, more)
      table <- if (is_error(run$value)) list() else parTable(run$value)
      if (!is.null(table$lower)) {
        out$bounds <- plain_frame(as.data.frame(table)[c("lhs", "op", "rhs", "lower", "upper", "est")])
      }
      out
    }),
    MLR_standard = engine_cfa(hs_model, rows, bounds = "standard", estimator = "MLR")
  )
}

scores_of <- function(fit, method, ...) {
  run <- quietly(lavPredict(fit, method = method, ...))
  if (is_error(run$value)) return(list(error = run$value$message))
  all_matrices(run$value)
}

determinacy <- function(fit) {
  matrices <- lavInspect(fit, "est")
  sigma <- fitted(fit)$cov
  covariance <- matrices$psi %*% t(matrices$lambda) %*% solve(sigma) %*% matrices$lambda %*% matrices$psi
  named_vector(sqrt(diag(covariance) / diag(matrices$psi)))
}

factor_scores <- function() {
  fit <- cfa(hs_model, hs)
  std <- cfa(hs_model, hs, std.lv = TRUE)
  miss <- quietly(cfa(hs_model, hs_missing, missing = "ml"))$value
  second <- cfa(second_order, hs)
  groups <- cfa(hs_model, hs, group = "school")
  with_se <- quietly(lavPredict(fit, se = "standard"))$value
  bartlett_se <- quietly(lavPredict(fit, method = "Bartlett", se = "standard"))$value
  list(
    regression = scores_of(fit, "EBM"), Bartlett = scores_of(fit, "Bartlett"),
    regression_std_lv = scores_of(std, "EBM"), Bartlett_std_lv = scores_of(std, "Bartlett"),
    regression_se = as.list(attr(with_se, "se")[[1]][1, ]),
    Bartlett_se = as.list(attr(bartlett_se, "se")[[1]][1, ]),
    regression_fiml = scores_of(miss, "EBM"), Bartlett_fiml = scores_of(miss, "Bartlett"),
    regression_second_order = scores_of(second, "EBM"),
    regression_by_school = scores_of(groups, "EBM"), Bartlett_by_school = scores_of(groups, "Bartlett"),
    determinacy = determinacy(fit), determinacy_std_lv = determinacy(std)
  )
}

# ---- nested models, small samples -------------------------------------------------------------

nested <- function() {
  models <- list(
    free = paste(hs_model, "x7 ~~ x8", sep = "\n"), three = hs_model,
    equal = "visual =~ x1 + a*x2 + a*x3\ntextual =~ x4 + b*x5 + b*x6\nspeed =~ x7 + c*x8 + c*x9",
    one = paste("g =~", paste(hs_items, collapse = " + "))
  )
  fits <- function(data, ...) lapply(models, function(model) quietly(cfa(model, data, ...))$value)
  ladder <- function(all) {
    list(free_three_equal = robust_lrts(all[c("free", "three", "equal")]), three_one = robust_lrts(all[c("three", "one")]))
  }
  ml <- fits(hs)
  list(
    models = models,
    ML = list(free_three_equal = lrt_rows(ml[c("free", "three", "equal")]), three_one = lrt_rows(ml[c("three", "one")])),
    MLR = ladder(fits(hs, estimator = "MLR")), MLM = ladder(fits(hs, estimator = "MLM")),
    MLR_fiml = ladder(fits(hs_missing, estimator = "MLR", missing = "ml"))
  )
}

# Bartlett's correction as Fouladi (2000) and Nevitt and Hancock (2004) write it for k factors and p
# variables: (N - 1 - (2p + 4k + 5)/6) times the minimum of the discrepancy. lavaan doesn't have it.
small_sample <- function() {
  one <- function(rows) {
    fit <- cfa(hs_model, rows)
    n <- nrow(rows)
    discrepancy <- 2 * fitMeasures(fit, "fmin")[[1]]
    factor <- n - 1 - (2 * 9 + 4 * 3 + 5) / 6
    list(n_obs = n, discrepancy = discrepancy, chisq = fitMeasures(fit, "chisq")[[1]],
         multiplier = factor, chisq_corrected = factor * discrepancy,
         p_corrected = pchisq(factor * discrepancy, 24, lower.tail = FALSE))
  }
  list(total = one(hs), every_third_row = one(hs[hs$row %% 3 == 0, ]))
}

heywood_rows <- 1:40

write_record(list(
  versions = versions(), rules = rules, hs_model = hs_model,
  estimators = estimators(), fiml = fiml(), kinds = kinds(), wheaton = wheaton(), sampling = sampling(),
  bounds = bounded(), factor_scores = factor_scores(), nested = nested(), bartlett_correction = small_sample()
), "engine_hs")
