# Records factor models of bfi from all answers there are (full-information ML), by education.
# Run from anywhere:  Rscript tests/reference/all_answers.R

argument <- grep("^--file=", commandArgs(trailingOnly = FALSE), value = TRUE)
here <- if (length(argument)) dirname(normalizePath(sub("^--file=", "", argument[[1]]))) else "tests/reference"
source(file.path(here, "common.R"))

groups <- c("total", "1", "2", "3", "4", "5")
rows_of <- function(group) {
  if (group == "total") bfi_keyed else bfi_keyed[which(bfi_keyed$education == as.integer(group)), ]
}

# ---- each scale alone: omega is the loadings' squared sum over itself and the residuals' sum ------

one_scale <- function(items, data) {
  fit <- cfa(paste("f =~", paste(items, collapse = " + ")), data, missing = "ml", std.lv = TRUE)
  lambda <- lavInspect(fit, "est")$lambda[, 1]
  theta <- diag(lavInspect(fit, "est")$theta)
  measures <- fitMeasures(fit, c("chisq", "df", "cfi.robust", "rmsea.robust"))
  c(list(n_obs = lavInspect(fit, "nobs"), omega = sum(lambda)^2 / (sum(lambda)^2 + sum(theta)),
         ave = sum(lambda^2) / (sum(lambda^2) + sum(theta))), as.list(measures))
}

scales <- lapply(groups, function(group) {
  lapply(bfi_scales, function(items) quietly(one_scale(items, rows_of(group)))$value)
})
names(scales) <- groups

# ---- all five factors, in two groups: Huber-White errors, the likelihood ratio --------------------

together <- lapply(c("1", "4"), function(group) {
  fit <- cfa(bfi_model, rows_of(group), missing = "ml", std.lv = TRUE, se = "robust.huber.white",
             optim.method = "nlminb", h1 = TRUE, baseline = FALSE)
  list(n_obs = lavInspect(fit, "nobs"), chisq = lavInspect(fit, "test")$standard$stat,
       parameters = plain_frame(parameterEstimates(fit))[c("lhs", "op", "rhs", "est", "se")])
})
names(together) <- c("1", "4")

write_record(list(versions = versions("lavaan"), scales = scales, together = together), "all_answers")
