# Records factor scores of ordinal answers with the matrices they are computed from: ordinal_scores.json.
# Run from anywhere:  Rscript tests/reference/ordinal_scores.R       (about 2 minutes)

argument <- grep("^--file=", commandArgs(trailingOnly = FALSE), value = TRUE)
here <- if (length(argument)) dirname(normalizePath(sub("^--file=", "", argument[[1]]))) else "tests/reference"
source(file.path(here, "common.R"))
source(file.path(here, "ordinal_common.R"))

# Bock and Lieberman's (1970) table of the LSAT, section 7, as it comes with psych.
write_lsat7 <- function() {
  data("bock", package = "psych", envir = environment())
  frame <- cbind(bock.table[paste0("Q", 1:5)], n = bock.table$Ob7)
  write.csv(frame, file.path(folder, "data", "lsat7.csv"), row.names = FALSE)
}
write_lsat7()

two_items <- c(bfi_scales$N, sub("^-", "", bfi_scales$E))
two_model <- paste("N =~", paste(two_items[1:5], collapse = " + "), "\nE =~", paste(two_items[6:10], collapse = " + "))
two <- complete_rows(bfi_keyed, two_items)[1:1000, ]

matrices <- function(estimates) {
  kept <- estimates[intersect(names(estimates), c("lambda", "theta", "psi", "nu", "alpha", "tau", "delta"))]
  lapply(kept, named_matrix)
}

# The first rows by the mode of the posterior, told to search to the last digits.
scored <- function(rows, ...) {
  run <- quietly(cfa(..., estimator = "WLSMV", se = "none", test = "standard"))
  fit <- run$value
  if (is_error(fit)) return(list(error = fit$message))
  estimates <- lavInspect(fit, "est")
  grouped <- lavInspect(fit, "ngroups") > 1
  found <- quietly(lavPredict(fit, method = "EBM", optim.method = "nlminb"))$value
  if (is_error(found)) return(list(error = found$message))
  first <- function(x) named_matrix(unname(head(unclass(x), rows)))
  list(
    groups = if (grouped) lavInspect(fit, "group.label") else character(0),
    matrices = if (grouped) lapply(unname(estimates), matrices) else list(matrices(estimates)),
    scores = if (grouped) lapply(unname(found), first) else list(first(found))
  )
}

by_gender <- complete_rows(bfi, c(neuroticism, "gender"))

write_record(list(
  versions = versions(),
  rules = c(ordinal_rules, list(two = "bfi keyed, first 1,000 rows complete on N and E")),
  EBM = list(
    two_delta = scored(60, two_model, two, ordered = two_items),
    two_theta = scored(60, two_model, two, ordered = two_items, parameterization = "theta"),
    two_std_lv = scored(60, two_model, two, ordered = two_items, std.lv = TRUE),
    mixed = scored(60, hs_model, hs_mixed, ordered = mixed_ordered),
    mixed_theta = scored(60, hs_model, hs_mixed, ordered = mixed_ordered, parameterization = "theta"),
    gender = scored(40, neuroticism_model, by_gender, ordered = neuroticism, group = "gender",
                    group.equal = c("thresholds", "loadings")),
    gender_theta = scored(40, neuroticism_model, by_gender, ordered = neuroticism, group = "gender",
                          group.equal = c("thresholds", "loadings"), parameterization = "theta"),
    missing = scored(60, neuroticism_model, bfi, ordered = neuroticism, missing = "pairwise")
  )
), "ordinal_scores")
