# Records the reference numbers of exploratory factor analysis: psych, stats, GPArotation, lavaan.
# Run from anywhere:  Rscript tests/reference/exploration.R

argument <- grep("^--file=", commandArgs(trailingOnly = FALSE), value = TRUE)
here <- if (length(argument)) dirname(normalizePath(sub("^--file=", "", argument[[1]]))) else "tests/reference"
source(file.path(here, "common.R"))
suppressMessages(library(GPArotation))

bfi_complete <- complete_rows(bfi_keyed, bfi_items)[bfi_items]
hs_complete <- hs[hs_items]
matrices <- list(
  hs = cor(hs_complete), bfi = cor(bfi_complete), thurstone = as.matrix(Thurstone),
  harman8 = Harman23.cor$cov, harman24 = Harman74.cor$cov
)
sizes <- list(hs = nrow(hs_complete), bfi = nrow(bfi_complete), thurstone = 213, harman8 = 305, harman24 = 145)

plain <- function(loadings) named_matrix(unclass(loadings))

# ---- extraction -------------------------------------------------------------------------------

# psych stops its searches early; where it can be told to go on, it is (principal axes).
extracted <- function(name, factors, fm) {
  run <- quietly(fa(matrices[[name]], factors, n.obs = sizes[[name]], fm = fm, rotate = "none",
                    min.err = 1e-12, max.iter = 5000))
  fit <- run$value
  if (is_error(fit)) return(list(error = fit$message))
  list(
    warnings = run$warnings, loadings = plain(fit$loadings), uniquenesses = as.list(fit$uniquenesses),
    objective = fit$objective, statistic = fit$STATISTIC, dof = fit$dof, pvalue = fit$PVAL,
    null_chisq = fit$null.chisq, tli = fit$TLI, rms = fit$rms, rmsea = as.list(fit$RMSEA)
  )
}

likelihood <- function(name, factors) {
  fit <- factanal(covmat = matrices[[name]], factors = factors, n.obs = sizes[[name]], rotation = "none",
                  control = list(opt = list(factr = 10)))
  list(loadings = plain(fit$loadings), uniquenesses = as.list(fit$uniquenesses), statistic = fit$STATISTIC[[1]],
       dof = fit$dof, pvalue = if (is.null(fit$PVAL)) NA else fit$PVAL[[1]], criteria = as.list(fit$criteria))
}

asked <- list(hs = 1:3, bfi = c(1, 5, 6), thurstone = 3, harman8 = 2, harman24 = 4)
extraction <- list()
for (name in names(asked)) for (factors in asked[[name]]) {
  extraction[[paste(name, factors, sep = "_")]] <- list(
    n_obs = sizes[[name]], factanal = likelihood(name, factors), ml = extracted(name, factors, "ml"),
    minres = extracted(name, factors, "minres"), pa = extracted(name, factors, "pa")
  )
}
extraction$hs_4_heywood <- list(n_obs = 301, factanal = likelihood("hs", 4), ml = extracted("hs", 4, "ml"))

# ---- rotation ---------------------------------------------------------------------------------

# GPArotation 2022.10 has no random starts: the best of the identity and eight random ones is recorded.
best_of <- function(loadings, call) {
  set.seed(7)
  starts <- c(list(diag(ncol(loadings))), replicate(8, Random.Start(ncol(loadings)), simplify = FALSE))
  runs <- lapply(starts, function(start) quietly(call(loadings, Tmat = start, eps = 1e-7, maxit = 3000))$value)
  runs <- Filter(function(run) !is_error(run), runs)
  values <- vapply(runs, function(run) run$Table[nrow(run$Table), 2], 0)
  first <- runs[[1]]
  best <- runs[[which.min(values)]]
  list(
    loadings = plain(best$loadings), phi = if (is.null(best$Phi)) NULL else named_matrix(best$Phi),
    value = min(values), first_value = first$Table[nrow(first$Table), 2], converged = best$convergence,
    n_best = sum(values < min(values) + 1e-6)
  )
}

simple_target <- function(loadings, scales) {
  goal <- matrix(NA, nrow(loadings), ncol(loadings))
  for (f in seq_along(scales)) goal[!(rownames(loadings) %in% scales[[f]]), f] <- 0
  goal
}

with_target <- function(method, goal) {
  goal_full <- ifelse(is.na(goal), 0, goal)
  weight <- 1 - is.na(goal)
  function(loadings, ...) method(loadings, W = weight, Target = goal_full, ...)
}

rotations <- function(loadings, scales) {
  rownames(loadings) <- unlist(scales)
  goal <- simple_target(loadings, scales)
  raw <- varimax(loadings, normalize = FALSE, eps = 1e-14)
  normal <- varimax(loadings, normalize = TRUE, eps = 1e-14)
  # stats::promax always starts from its own varimax, normalised and stopped early: so the regression by hand.
  # With Kaiser normalisation (psych) all of it is done on items of length one.
  promaxed <- function(from, length = 1) {
    start <- unclass(from$loadings) / length
    slopes <- solve(crossprod(start), crossprod(start, start * abs(start)^3))
    slopes <- slopes %*% diag(sqrt(diag(solve(crossprod(slopes)))))
    list(loadings = plain((start * length) %*% slopes), phi = named_matrix(solve(crossprod(slopes))))
  }
  list(
    unrotated = plain(loadings),
    varimax = list(loadings = plain(raw$loadings)), varimax_kaiser = list(loadings = plain(normal$loadings)),
    promax = promaxed(raw), promax_kaiser = promaxed(normal, sqrt(rowSums(loadings^2))),
    quartimax = best_of(loadings, quartimax),
    equamax = best_of(loadings, function(...) cfT(..., kappa = ncol(loadings) / (2 * nrow(loadings)))),
    parsimax = best_of(loadings, function(...) {
      cfT(..., kappa = (ncol(loadings) - 1) / (ncol(loadings) + nrow(loadings) - 2))
    }),
    geomin_orthogonal = best_of(loadings, geominT),
    oblimin = best_of(loadings, oblimin),
    oblimin_kaiser = best_of(loadings, function(...) oblimin(..., normalize = TRUE)),
    oblimin_minus_one = best_of(loadings, function(...) oblimin(..., gam = -1)),
    quartimin = best_of(loadings, quartimin), geomin = best_of(loadings, geominQ),
    geomin_small = best_of(loadings, function(...) geominQ(..., delta = 0.001)),
    bifactor = best_of(loadings, bifactorT), biquartimin = best_of(loadings, bifactorQ),
    target = best_of(loadings, with_target(pstQ, goal)),
    target_orthogonal = best_of(loadings, with_target(pstT, goal))
  )
}

thurstone_sets <- list(rownames(Thurstone)[1:3], rownames(Thurstone)[4:6], rownames(Thurstone)[7:9])
unrotated <- function(name, factors) {
  unclass(factanal(covmat = matrices[[name]], factors = factors, n.obs = sizes[[name]], rotation = "none",
                   control = list(opt = list(factr = 10)))$loadings)
}
rotation <- list(
  hs = rotations(unrotated("hs", 3), hs_scales), bfi = rotations(unrotated("bfi", 5), bfi_scales),
  thurstone = rotations(unrotated("thurstone", 3), thurstone_sets)
)

# ---- psych::fa as it comes, but that principal axes go on until they stand still ----------------

as_it_comes <- function(name, factors, fm, rotate) {
  fit <- quietly(fa(matrices[[name]], factors, n.obs = sizes[[name]], fm = fm, rotate = rotate,
                    min.err = 1e-12, max.iter = 5000))$value
  list(loadings = plain(fit$loadings), phi = if (is.null(fit$Phi)) NULL else named_matrix(fit$Phi),
       uniquenesses = as.list(fit$uniquenesses), explained = as.list(fit$Vaccounted["SS loadings", ]))
}
psych_fa <- list()
for (name in c("hs", "bfi", "thurstone")) for (fm in c("ml", "minres", "pa")) for (rotate in c("oblimin", "varimax", "promax")) {
  psych_fa[[paste(name, fm, rotate, sep = "_")]] <- as_it_comes(name, if (name == "bfi") 5 else 3, fm, rotate)
}

# ---- lavaan::efa ------------------------------------------------------------------------------

lavaan_errors <- function(frame, factors, rotation, ...) {
  run <- quietly(efa(frame, nfactors = factors, rotation = rotation, output = "lavaan", ...,
                     rotation.args = list(geomin.epsilon = 0.01, row.weights = "none", rstarts = 10)))
  list(warnings = run$warnings,
       standardized = lapply(as.list(unclass(as.data.frame(unclass(standardizedSolution(run$value))))), unlist),
       fit = named_vector(fitMeasures(run$value)))
}
lavaan_efa <- list()
for (factors in 1:3) lavaan_efa[[paste0("hs_", factors)]] <- lavaan_errors(hs_complete, factors, "oblimin")
for (rotation_name in c("geomin", "varimax")) {
  lavaan_efa[[paste0("hs_3_", rotation_name)]] <- lavaan_errors(hs_complete, 3, rotation_name)
}

lavaan_efa$hs_3_mlm <- lavaan_errors(hs_complete, 3, "oblimin", estimator = "MLM")
# Two-stage: EM moments first, then the model, with the test and errors of Savalei and Bentler.
lavaan_efa$hs_missing_3_two_stage <- lavaan_errors(read_data("hs_missing")[hs_items], 3, "oblimin",
                                                   missing = "two.stage")

# ---- number of factors ------------------------------------------------------------------------

parallel_of <- function(data, iterations, ...) {
  set.seed(1)
  run <- NULL
  capture.output(run <- quietly(fa.parallel(data, n.iter = iterations, plot = FALSE, ...))$value)
  p <- length(run$pc.values)
  blocks <- list(components_resampled = 1:p, factors_resampled = p + 1:p, components_normal = 2 * p + 1:p,
                 factors_normal = 3 * p + 1:p)
  summaries <- lapply(blocks, function(at) {
    values <- run$values[, at]
    list(mean = colMeans(values), sd = apply(values, 2, sd), percentile = apply(values, 2, quantile, 0.95))
  })
  c(list(n_iter = iterations, nfact = run$nfact, ncomp = run$ncomp, fa_values = run$fa.values,
         pc_values = run$pc.values), summaries)
}
map_of <- function(name, most) {
  capture.output(run <- quietly(vss(matrices[[name]], n = most, n.obs = sizes[[name]], plot = FALSE, rotate = "none"))$value)
  run$map
}
number <- list(
  map_hs = map_of("hs", 7), map_bfi = map_of("bfi", 10), map_harman8 = map_of("harman8", 5),
  map_harman24 = map_of("harman24", 8),
  parallel_hs = parallel_of(hs_complete, 400), parallel_hs_default = parallel_of(hs_complete, 20),
  parallel_hs_smc = parallel_of(hs_complete, 400, SMC = TRUE),
  parallel_bfi = parallel_of(bfi_complete, 100), parallel_bfi_default = parallel_of(bfi_complete, 20),
  parallel_bfi_pairwise = parallel_of(bfi_keyed[bfi_items], 20),
  parallel_bfi_smc = parallel_of(bfi_complete, 100, SMC = TRUE)
)

# ---- Schmid-Leiman, omega, congruence ---------------------------------------------------------

omega_of <- function(name, factors, fm) {
  run <- quietly(omega(matrices[[name]], factors, n.obs = sizes[[name]], fm = fm, plot = FALSE))$value
  table <- unclass(run$schmid$sl)
  list(omega_h = run$omega_h, omega_lim = run$omega.lim, omega_tot = run$omega.tot, alpha = run$alpha, g6 = run$G6,
       schmid = named_matrix(table), phi = named_matrix(run$schmid$phi), oblique = plain(run$schmid$oblique),
       gloading = as.numeric(run$schmid$gloading))
}
schmid <- list(
  thurstone_3_minres = omega_of("thurstone", 3, "minres"), thurstone_3_ml = omega_of("thurstone", 3, "ml"),
  thurstone_2_minres = omega_of("thurstone", 2, "minres"), hs_3_minres = omega_of("hs", 3, "minres"),
  harman24_4_minres = omega_of("harman24", 4, "minres")
)

by_gender <- lapply(1:2, function(g) {
  rows <- bfi_keyed[complete.cases(bfi_keyed[bfi_items]) & bfi_keyed$gender == g, bfi_items]
  unclass(factanal(covmat = cor(rows), factors = 5, n.obs = nrow(rows), rotation = "varimax",
                   control = list(opt = list(factr = 10)))$loadings)
})
congruence <- list(
  one = plain(by_gender[[1]]), other = plain(by_gender[[2]]),
  phi = named_matrix(factor.congruence(by_gender[[1]], by_gender[[2]], digits = 15)),
  procrustes = plain(psych::Procrustes(by_gender[[1]], by_gender[[2]])$loadings)
)

write_record(list(
  versions = versions(c("psych", "GPArotation", "lavaan")),
  correlations = list(thurstone = named_matrix(matrices$thurstone), harman8 = named_matrix(matrices$harman8),
                      harman24 = named_matrix(matrices$harman24)),
  extraction = extraction, rotation = rotation, psych_fa = psych_fa, lavaan_efa = lavaan_efa, number = number,
  schmid = schmid, congruence = congruence
), "exploration")
