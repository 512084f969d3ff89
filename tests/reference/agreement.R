# Records the reference numbers of agreement: psych::ICC, psych::cohen.kappa, noncentral t limits.
# Run from anywhere:  Rscript tests/reference/agreement.R

argument <- grep("^--file=", commandArgs(trailingOnly = FALSE), value = TRUE)
here <- if (length(argument)) dirname(normalizePath(sub("^--file=", "", argument[[1]]))) else "tests/reference"
source(file.path(here, "common.R"))

# ---- ratings ----------------------------------------------------------------------------------

# Shrout and Fleiss (1979), table 2; Bland and Altman (1986), table 1 (first measurements).
shrout_fleiss <- matrix(c(9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7), 6, byrow = TRUE)
flow <- cbind(
  c(494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427),
  c(512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451)
)
five <- as.matrix(complete_rows(bfi_keyed, bfi_items)[1:200, c("N1", "N2", "N3", "N4", "N5")])

icc <- function(ratings, level) {
  found <- ICC(ratings, lmer = FALSE, alpha = 1 - level)
  squares <- found$summary[[1]][["Mean Sq"]]
  list(level = level, ratings = unname(ratings), results = plain_frame(found$results),
       mean_squares = list(targets = squares[1], raters = squares[2], residual = squares[3]))
}

# ---- categories -------------------------------------------------------------------------------

linear <- function(q) 1 - abs(outer(seq_len(q), seq_len(q), "-")) / (q - 1)
quadratic <- function(q) 1 - outer(seq_len(q), seq_len(q), "-")^2 / (q - 1)^2

kappas <- function(counts, level) {
  q <- nrow(counts)
  one <- function(w) {
    found <- cohen.kappa(counts, w = w, n.obs = sum(counts), alpha = 1 - level)
    list(kappa = found$kappa, variance = found$var.kappa, weighted = found$weighted.kappa,
         weighted_variance = found$var.weighted)
  }
  list(counts = unname(counts), level = level, linear = one(linear(q)), quadratic = one(quadratic(q)))
}

# Cohen (1968), table 1, as counts of 200; two answers of bfi.
cohen <- matrix(c(88, 10, 2, 14, 40, 6, 18, 10, 12), 3, byrow = TRUE)
answers <- table(factor(five[, 1], 1:6), factor(five[, 2], 1:6))

# ---- limits -----------------------------------------------------------------------------------

limits <- function(n, z, level) {
  tail <- (1 - level) / 2
  list(n = n, z = z, level = level, factors = suppressWarnings(qt(c(tail, 1 - tail), n - 1, z * sqrt(n))) / sqrt(n))
}

# ---- correction for attenuation ---------------------------------------------------------------

# psych puts corrected correlations above the diagonal, observed ones below, alphas on it.
rows <- complete_rows(bfi_keyed, bfi_items)
scored <- scoreItems(bfi_scales, rows[bfi_items], impute = "none", totals = FALSE)

# ---- superiority ------------------------------------------------------------------------------

# Newcombe's (2006) fifth method, solved by uniroot; the estimate is wilcox.test's W over the pairs.
superiority <- function(x, y, level) {
  m <- length(x)
  n <- length(y)
  estimate <- suppressWarnings(wilcox.test(x, y))$statistic[[1]] / (m * n)
  outside <- function(at) {
    mean_size <- (m + n) / 2 - 1
    spread <- 1 + mean_size * (1 - at) / (2 - at) + mean_size * at / (1 + at)
    (estimate - at)^2 - qnorm((1 + level) / 2)^2 * at * (1 - at) * spread / (m * n)
  }
  # Besides the limit sought, 0 and 1 are roots where the estimate is there.
  edge <- function(low, high) uniroot(outside, c(low, high), tol = 1e-14)$root
  small <- 1e-9
  list(higher = x, lower = y, level = level, estimate = estimate,
       low = if (estimate == 0) 0 else edge(small, estimate - small),
       high = if (estimate == 1) 1 else edge(estimate + small, 1 - small))
}
men <- bfi_keyed[bfi_keyed$gender == 1 & !is.na(bfi_keyed$N1), "N1"][1:40]
women <- bfi_keyed[bfi_keyed$gender == 2 & !is.na(bfi_keyed$N1), "N1"][1:60]

write_record(list(
  versions = versions(),
  icc = list(shrout_fleiss = icc(shrout_fleiss, 0.95), flow = icc(flow, 0.95), bfi = icc(five, 0.9)),
  kappa = list(cohen = kappas(cohen, 0.95), bfi = kappas(unclass(answers), 0.95)),
  limit_factors = lapply(c(3, 5, 17, 50, 100, 300), limits, z = qnorm(0.975), level = 0.95),
  attenuation = list(corrected = named_matrix(scored$corrected), alpha = as.list(scored$alpha[1, ]), n = nrow(rows)),
  superiority = list(superiority(women, men, 0.95), superiority(c(5, 6, 7, 9), c(1, 2, 3), 0.95),
                     superiority(c(1.5, 2, 8), c(2, 2, 9, 4), 0.9)),
  flow_difference = list(mean = mean(flow[, 1] - flow[, 2]), sd = sd(flow[, 1] - flow[, 2]))
), "agreement")
