# Records Rubin's rules and chained predictive mean matching by mice.
# Run from anywhere:  Rscript tests/reference/imputation.R

argument <- grep("^--file=", commandArgs(trailingOnly = FALSE), value = TRUE)
here <- if (length(argument)) dirname(normalizePath(sub("^--file=", "", argument[[1]]))) else "tests/reference"
source(file.path(here, "common.R"))
suppressMessages(library(mice))

# ---- Rubin's rules ----------------------------------------------------------------------------

rubin <- function(estimates, variances, n) {
  found <- pool.scalar(estimates, variances, n = n, k = 1)
  list(estimates = estimates, variances = variances, n = if (is.finite(n)) n else NA, qbar = found$qbar,
       ubar = found$ubar, b = found$b, t = found$t, df = found$df, riv = found$r, fmi = found$fmi)
}
rules <- list(
  rubin(c(2, 3, 4), c(1, 1, 1), 50), rubin(c(0.31, 0.28, 0.35, 0.30, 0.33), c(0.004, 0.005, 0.0045, 0.004, 0.0052), 240),
  rubin(c(0.31, 0.28, 0.35, 0.30, 0.33), c(0.004, 0.005, 0.0045, 0.004, 0.0052), Inf), rubin(c(1.2, 1.9), c(0.4, 0.3), 20)
)

# ---- answers missing at random ----------------------------------------------------------------

# The first 500 complete rows; N1, N3 and N5 go missing in turn where E4 and E5 are low.
items <- c("E3", "E4", "E5", "N1", "N2", "N3", "N4", "N5")
whole <- complete_rows(bfi_keyed, bfi_items)[1:500, items]
rownames(whole) <- NULL
low <- whole$E4 + whole$E5 <= 8
blanked <- whole
for (at in 1:3) blanked[low & seq_len(500) %% 4 == at, c("N1", "N3", "N5")[at]] <- NA
write.csv(blanked, file.path(folder, "data", "bfi_blanked.csv"), row.names = FALSE)

set.seed(1)
sets <- complete(mice(blanked, m = 100, maxit = 10, method = "pmm", donors = 5, printFlag = FALSE), "all")
pooled <- function(statistic, variance) {
  values <- vapply(sets, statistic, 0)
  c(rubin(unname(values), unname(vapply(sets, variance, 0)), 500), list(
    whole = statistic(whole), complete_rows = statistic(blanked[complete.cases(blanked), ])
  ))
}
means <- lapply(setNames(c("N1", "N3", "N5"), c("N1", "N3", "N5")), function(item) {
  pooled(function(set) mean(set[[item]]), function(set) var(set[[item]]) / 500)
})
z <- pooled(function(set) atanh(cor(set$N1, set$N3)), function(set) 1 / 497)

short <- function(one) one[setdiff(names(one), c("estimates", "variances"))]
write_record(list(
  versions = versions(c("mice", "psych")), rules = rules,
  blanked = c(lapply(means, short), list(z_N1_N3 = short(z)))
), "imputation")
