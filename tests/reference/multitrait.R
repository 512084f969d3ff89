# Records the reference numbers of multitrait scaling and of the correlated-uniqueness model.
# Run from anywhere:  Rscript tests/reference/multitrait.R

argument <- grep("^--file=", commandArgs(trailingOnly = FALSE), value = TRUE)
here <- if (length(argument)) dirname(normalizePath(sub("^--file=", "", argument[[1]]))) else "tests/reference"
source(file.path(here, "common.R"))

# ---- items with scales, by hand ---------------------------------------------------------------

items_with_scales <- function(rows, scales) {
  items <- unlist(scales, use.names = FALSE)
  found <- sapply(names(scales), function(name) {
    sapply(items, function(item) cor(rows[[item]], rowSums(rows[setdiff(scales[[name]], item)])))
  })
  named_matrix(found)
}

scaling <- function(frame, scales, column) {
  items <- unlist(scales, use.names = FALSE)
  lapply(by_group(frame[complete.cases(frame[items]), ], column), function(rows) {
    list(n = nrow(rows), correlations = items_with_scales(rows, scales))
  })
}

# Zou's (2007) interval of r12 - r13, written out from the paper's equations.
zou <- function(r12, r13, r23, n, level) {
  limits <- function(r) tanh(atanh(r) + c(-1, 1) * qnorm((1 + level) / 2) / sqrt(n - 3))
  a <- limits(r12)
  b <- limits(r13)
  shared <- ((r23 - r12 * r13 / 2) * (1 - r12^2 - r13^2 - r23^2) + r23^3) / ((1 - r12^2) * (1 - r13^2))
  below <- sqrt((r12 - a[1])^2 + (b[2] - r13)^2 - 2 * shared * (r12 - a[1]) * (b[2] - r13))
  above <- sqrt((a[2] - r12)^2 + (r13 - b[1])^2 - 2 * shared * (a[2] - r12) * (r13 - b[1]))
  list(r12 = r12, r13 = r13, r23 = r23, n = n, level = level, low = r12 - r13 - below, high = r12 - r13 + above)
}
grid <- expand.grid(r12 = c(-0.2, 0.4, 0.8), r13 = c(0.1, 0.5), r23 = c(0, 0.3), n = c(20, 300))
differences <- Map(zou, grid$r12, grid$r13, grid$r23, grid$n, 0.9)

# ---- correlated uniquenesses ------------------------------------------------------------------

# Brown (2006), table 6.1: three personality disorders by inventory, interview and observers; N = 500.
measures <- c("pari", "szti", "szdi", "parc", "sztc", "szdc", "paro", "szto", "szdo")
lower <- "
1
.290 1
.372 .478 1
.587 .238 .209 1
.201 .586 .126 .213 1
.218 .281 .681 .195 .096 1
.557 .228 .195 .664 .242 .232 1
.196 .644 .146 .261 .641 .248 .383 1
.219 .241 .676 .290 .168 .749 .361 .342 1"
correlation <- getCov(lower, names = measures)
deviation <- c(3.61, 3.66, 3.59, 2.94, 3.03, 2.85, 2.22, 2.42, 2.04)
covariance <- diag(deviation) %*% correlation %*% diag(deviation)
dimnames(covariance) <- dimnames(correlation)

traits <- "
paranoid =~ pari + parc + paro
schizotypal =~ szti + sztc + szto
schizoid =~ szdi + szdc + szdo"
uniquenesses <- "
pari ~~ szti + szdi
szti ~~ szdi
parc ~~ sztc + szdc
sztc ~~ szdc
paro ~~ szto + szdo
szto ~~ szdo"
one_trait <- "trait =~ pari + parc + paro + szti + sztc + szto + szdi + szdc + szdo"

fit <- function(model, ...) {
  run <- quietly(cfa(model, sample.cov = covariance, sample.nobs = 500, std.lv = TRUE, ...))
  c(record_fit(run), list(standardized = if (is_error(run$value)) NULL else standardized_rows(run$value)))
}
correlation_held <- paste(traits, uniquenesses, "paranoid ~~ 0.9 * schizotypal", sep = "\n")

write_record(list(
  versions = versions(c("lavaan", "psych")),
  scaling = list(bfi = scaling(bfi_keyed, bfi_scales, "education"), hs = scaling(hs, hs_scales, "school")),
  differences = differences,
  brown = list(
    correlation = named_matrix(correlation), deviation = deviation, n = 500,
    uniquenesses = fit(paste(traits, uniquenesses, sep = "\n")),
    traits_only = fit(traits),
    orthogonal = fit(paste(traits, uniquenesses, sep = "\n"), orthogonal = TRUE),
    one_trait = fit(paste(one_trait, uniquenesses, sep = "\n")),
    methods_only = fit(uniquenesses),
    correlation_held = fit(correlation_held)
  )
), "multitrait")
