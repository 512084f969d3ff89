# Records models of ordinal answers by diagonally weighted and unweighted least squares: ordinal_models.json.
# Run from anywhere:  Rscript tests/reference/ordinal_models.R       (2 to 3 minutes)

argument <- grep("^--file=", commandArgs(trailingOnly = FALSE), value = TRUE)
here <- if (length(argument)) dirname(normalizePath(sub("^--file=", "", argument[[1]]))) else "tests/reference"
source(file.path(here, "common.R"))
source(file.path(here, "ordinal_common.R"))
datcat <- read_data("datcat")

small <- c("standardized", "vcov", "implied", "residuals_cor", "modification_indices", "r_squared")
some <- c("standardized", "residuals_cor", "modification_indices")

# A fit with the function it minimises: at the weights that lavaan took.
ordinal_fit <- function(..., more = small, keep = NULL) {
  run <- quietly(cfa(...))
  out <- engine_record(run, more, keep)
  if (!is_error(run$value)) out$fmin <- fitMeasures(run$value, "fmin")[[1]]
  list(fit = run$value, record = out)
}

ordinal_record <- function(...) ordinal_fit(...)$record

# ---- one factor -------------------------------------------------------------------------------

estimators <- c("WLSMV", "DWLS", "WLSM", "WLSMVS", "ULSMV", "ULS", "ULSM", "WLS")
recorded_fully <- c("WLSMV", "DWLS", "ULSMV")

one_factor <- function() {
  out <- list()
  for (form in c("delta", "theta")) {
    for (estimator in estimators) {
      key <- paste(estimator, form, sep = "_")
      out[[key]] <- ordinal_record(neuroticism_model, bfi_n_complete, ordered = neuroticism,
                                   estimator = estimator, parameterization = form,
                                   more = if (estimator %in% recorded_fully) small else "standardized")
    }
  }
  out$WLSMV_std_lv <- ordinal_record(neuroticism_model, bfi_n_complete, ordered = neuroticism,
                                     estimator = "WLSMV", std.lv = TRUE)
  out$WLSMV_residual_covariance <- ordinal_record(paste(neuroticism_model, "N1 ~~ N2", sep = "\n"), bfi_n_complete,
                                                  ordered = neuroticism, estimator = "WLSMV")
  out$WLSMV_residual_covariance_theta <- ordinal_record(
    paste(neuroticism_model, "N1 ~~ N2", sep = "\n"), bfi_n_complete, ordered = neuroticism,
    estimator = "WLSMV", parameterization = "theta"
  )
  out$WLSMV_pairwise <- ordinal_record(neuroticism_model, bfi, ordered = neuroticism, estimator = "WLSMV",
                                       missing = "pairwise")
  weighted <- bfi_n_complete
  weighted$weight <- (0.5 + (seq_len(nrow(bfi)) %% 5) / 2)[complete.cases(bfi[neuroticism])]
  out$WLSMV_weighted <- ordinal_record(neuroticism_model, weighted, ordered = neuroticism, estimator = "WLSMV",
                                       sampling.weights = "weight")
  out
}

nested_one_factor <- function() {
  free <- quietly(cfa(neuroticism_model, bfi_n_complete, ordered = neuroticism, estimator = "WLSMV"))$value
  less <- quietly(cfa(paste(neuroticism_model, "N1 ~~ N2", sep = "\n"), bfi_n_complete, ordered = neuroticism,
                      estimator = "WLSMV"))$value
  equal <- quietly(cfa("N =~ N1 + a*N2 + a*N3 + a*N4 + a*N5", bfi_n_complete, ordered = neuroticism,
                       estimator = "WLSMV"))$value
  fits <- list(residual_covariance = less, one_factor = free, equal_loadings = equal)
  list(models = list(equal_loadings = "N =~ N1 + a*N2 + a*N3 + a*N4 + a*N5"), tests = robust_lrts(fits))
}

# ---- five factors -----------------------------------------------------------------------------

five_factors <- function() {
  complete <- complete_rows(bfi_keyed, bfi_items)
  list(
    WLSMV = ordinal_record(bfi_model, complete, ordered = bfi_items, estimator = "WLSMV", more = some),
    WLSMV_theta = ordinal_record(bfi_model, complete, ordered = bfi_items, estimator = "WLSMV",
                                 parameterization = "theta", more = character(0), keep = slim),
    ULSMV = ordinal_record(bfi_model, complete, ordered = bfi_items, estimator = "ULSMV", more = character(0),
                           keep = slim),
    WLSMV_pairwise = ordinal_record(bfi_model, bfi_keyed, ordered = bfi_items, estimator = "WLSMV",
                                    missing = "pairwise", more = character(0), keep = slim)
  )
}

# ---- groups -----------------------------------------------------------------------------------

ordinal_ladder <- function(model, data, items, group, levels, more, keep = NULL, ...) {
  made <- lapply(levels, function(equal) {
    ordinal_fit(model, data, ordered = items, estimator = "WLSMV", group = group, group.equal = equal,
                more = more, keep = keep, ...)
  })
  out <- lapply(made, function(one) one$record)
  out$tests_between <- robust_lrts(lapply(made, function(one) one$fit))
  out
}

gender_levels <- list(configural = "none", loadings_thresholds = c("thresholds", "loadings"))

groups <- function() {
  by_gender <- complete_rows(bfi_keyed, c(bfi_items, "gender"))
  n_by_gender <- complete_rows(bfi, c(neuroticism, "gender"))
  n_by_education <- complete_rows(bfi, c(neuroticism, "education"))
  list(
    levels = gender_levels,
    n_by_gender = ordinal_ladder(neuroticism_model, n_by_gender, neuroticism, "gender", gender_levels, some),
    n_by_gender_theta = ordinal_ladder(neuroticism_model, n_by_gender, neuroticism, "gender", gender_levels,
                                       "standardized", parameterization = "theta"),
    n_by_education = ordinal_ladder(neuroticism_model, n_by_education, neuroticism, "education", gender_levels,
                                    "standardized"),
    bfi_by_gender = ordinal_ladder(bfi_model, by_gender, bfi_items, "gender", gender_levels, character(0), slim)
  )
}

# ---- Wu and Estabrook's ladder ----------------------------------------------------------------

wu_estabrook_levels <- list(
  configural = character(0), thresholds = "thresholds", loadings = c("thresholds", "loadings"),
  intercepts = c("thresholds", "loadings", "intercepts"),
  residuals = c("thresholds", "loadings", "intercepts", "residuals")
)
datcat_model <- "FU1 =~ u1 + u2 + u3 + u4\nFU2 =~ u5 + u6 + u7 + u8"

wu_estabrook <- function(model, data, items, group, form, more, levels = wu_estabrook_levels) {
  made <- lapply(levels, function(equal) {
    run <- quietly(measEq.syntax(
      configural.model = model, data = data, ordered = items, parameterization = form, ID.fac = "std.lv",
      ID.cat = "Wu.Estabrook.2016", group = group,
      group.equal = if (length(equal)) equal else "none", estimator = "WLSMV"
    ))
    text <- as.character(run$value)
    one <- ordinal_fit(text, data, ordered = items, group = group, parameterization = form, estimator = "WLSMV",
                       more = more)
    one$record$syntax <- text
    one
  })
  out <- lapply(made, function(one) one$record)
  out$tests_between <- robust_lrts(lapply(made, function(one) one$fit))
  out
}

# ---- other models -----------------------------------------------------------------------------

kinds <- function() {
  second_order <- paste(hs_model, "g =~ visual + textual + speed", sep = "\n")
  list(
    models = list(hs = hs_model, second_order = second_order),
    mixed = ordinal_record(hs_model, hs_mixed, ordered = mixed_ordered, estimator = "WLSMV"),
    mixed_theta = ordinal_record(hs_model, hs_mixed, ordered = mixed_ordered, estimator = "WLSMV",
                                 parameterization = "theta"),
    mixed_ulsmv = ordinal_record(hs_model, hs_mixed, ordered = mixed_ordered, estimator = "ULSMV"),
    mixed_pairwise = ordinal_record(hs_model, hs_mixed_missing, ordered = mixed_ordered, estimator = "WLSMV",
                                    missing = "pairwise"),
    mixed_school = ordinal_record(hs_model, hs_mixed, ordered = mixed_ordered, estimator = "WLSMV",
                                  group = "school", more = some),
    cut = ordinal_record(hs_model, hs_cut, ordered = hs_items, estimator = "WLSMV"),
    second_order = ordinal_record(second_order, hs_cut, ordered = hs_items, estimator = "WLSMV", more = some),
    binary = ordinal_record(neuroticism_model, bfi_binary, ordered = neuroticism, estimator = "WLSMV"),
    binary_theta = ordinal_record(neuroticism_model, bfi_binary, ordered = neuroticism, estimator = "WLSMV",
                                  parameterization = "theta")
  )
}

# ---- scores and reliability -------------------------------------------------------------------

first_scores <- function(fit, methods = c("EBM", "ML"), rows = 20) {
  out <- lapply(methods, function(method) {
    run <- quietly(lavPredict(fit, method = method))
    if (is_error(run$value)) return(list(error = run$value$message))
    list(warnings = run$warnings, scores = named_matrix(head(run$value, rows)))
  })
  names(out) <- methods
  out
}

factor_scores <- function() {
  n <- quietly(cfa(neuroticism_model, bfi_n_complete, ordered = neuroticism, estimator = "WLSMV"))$value
  cut <- quietly(cfa(hs_model, hs_cut, ordered = hs_items, estimator = "WLSMV"))$value
  mixed <- quietly(cfa(hs_model, hs_mixed, ordered = mixed_ordered, estimator = "WLSMV"))$value
  list(n = first_scores(n, c("EBM", "ML", "EAP")), hs_cut = first_scores(cut), hs_mixed = first_scores(mixed))
}

# Green and Yang's omega with what it is made from, so that the formula can be checked without a fit.
omega_parts <- function(fit) {
  observed <- quietly(compRelSEM(fit, obs.var = TRUE))
  implied <- quietly(compRelSEM(fit, obs.var = FALSE))
  latent <- quietly(compRelSEM(fit, obs.var = TRUE, ord.scale = FALSE))
  by_reliability <- quietly(semTools::reliability(fit))
  estimates <- lavInspect(fit, "est")
  list(
    loadings = named_matrix(estimates$lambda), factor_covariance = named_matrix(estimates$psi),
    residuals = named_matrix(estimates$theta), thresholds = named_matrix(estimates$tau),
    scale = named_matrix(estimates$delta),
    std_loadings = named_matrix(lavInspect(fit, "std")$lambda),
    observed = named_vector(observed$value), implied = named_vector(implied$value),
    latent_response = named_vector(latent$value),
    reliability = if (is_error(by_reliability$value)) list(error = by_reliability$value$message) else
      named_matrix(as.matrix(by_reliability$value)),
    sample_correlation = named_matrix(lavInspect(fit, "sampstat")$cov)
  )
}

omegas <- function() {
  fit_of <- function(...) quietly(cfa(..., estimator = "WLSMV"))$value
  list(
    n = omega_parts(fit_of(neuroticism_model, bfi_n_complete, ordered = neuroticism)),
    n_theta = omega_parts(fit_of(neuroticism_model, bfi_n_complete, ordered = neuroticism,
                                 parameterization = "theta")),
    binary = omega_parts(fit_of(neuroticism_model, bfi_binary, ordered = neuroticism)),
    hs_cut = omega_parts(fit_of(hs_model, hs_cut, ordered = hs_items)),
    n_residual_covariance = omega_parts(fit_of(paste(neuroticism_model, "N1 ~~ N2", sep = "\n"), bfi_n_complete,
                                               ordered = neuroticism))
  )
}

write_record(list(
  versions = versions(), rules = ordinal_rules,
  models = list(n = neuroticism_model, bfi = bfi_model, hs = hs_model, datcat = datcat_model),
  one_factor = one_factor(),
  nested_one_factor = nested_one_factor(),
  five_factors = five_factors(),
  groups = groups(),
  wu_estabrook_levels = wu_estabrook_levels,
  datcat_theta = wu_estabrook(datcat_model, datcat, datcat_items, "g", "theta", some),
  datcat_delta = wu_estabrook(datcat_model, datcat, datcat_items, "g", "delta", "standardized",
                              wu_estabrook_levels[1:4]),
  kinds = kinds(),
  factor_scores = factor_scores(),
  omega = omegas()
), "ordinal_models")
