# Differential item functioning: proportional odds by ordinal::clm, Mantel-Haenszel by base R, and the
# one-factor model of groups by lavaan.

file_of_this <- sub("^--file=", "", grep("^--file=", commandArgs(trailingOnly = FALSE), value = TRUE)[[1]])
source(file.path(dirname(normalizePath(file_of_this)), "common.R"))
suppressMessages(library(ordinal))

control <- clm.control(gradTol = 1e-10, maxIter = 200L)

# ---- ordinal logistic regression: the sum of the scale as it is, groups as a factor ---------------

by_groups <- function(column, values) {
  rows <- list()
  for (scale in names(bfi_scales)) {
    items <- bfi_scales[[scale]]
    own <- bfi_keyed[complete.cases(bfi_keyed[c(items, column)]) & bfi_keyed[[column]] %in% values, ]
    own$total <- rowSums(own[items])
    own$group <- factor(own[[column]], levels = values)
    for (item in items) {
      own$answer <- factor(own[[item]], ordered = TRUE)
      fits <- list(
        clm(answer ~ 1, data = own, control = control),
        clm(answer ~ total, data = own, control = control),
        clm(answer ~ total + group, data = own, control = control),
        clm(answer ~ total * group, data = own, control = control)
      )
      likelihood <- vapply(fits, function(fit) as.numeric(logLik(fit)), 0)
      level <- summary(fits[[3]])$coefficients
      slope <- summary(fits[[4]])$coefficients
      first <- paste0("group", values[[2]])
      rows[[length(rows) + 1]] <- list(
        scale = scale, item = item, n = nrow(own), log_likelihood = likelihood,
        group = level[first, "Estimate"], group_se = level[first, "Std. Error"],
        score = level["total", "Estimate"], product = slope[paste0("total:", first), "Estimate"]
      )
    }
  }
  rows
}

# ---- Mantel-Haenszel: base R's own examples, and yes-no answers of bfi --------------------------

recorded_test <- function(table, correct = FALSE) {
  found <- mantelhaen.test(table, correct = correct)
  list(
    table = c(table), shape = dim(table), statistic = unname(found$statistic), df = unname(found$parameter),
    p_value = found$p.value, odds_ratio = unname(found$estimate), interval = as.numeric(found$conf.int)
  )
}

# Agresti (2002), Categorical Data Analysis, p. 297; as in the help of mantelhaen.test.
satisfaction <- array(
  c(1, 2, 0, 0, 3, 3, 1, 2, 11, 17, 8, 4, 2, 3, 5, 2, 1, 0, 0, 0, 1, 3, 0, 1, 2, 5, 7, 9, 1, 1, 3, 6),
  dim = c(4, 4, 2)
)

yes_no <- function(item) {
  items <- bfi_scales[[substr(item, 1, 1)]]
  own <- bfi_keyed[complete.cases(bfi_keyed[c(items, "gender")]), ]
  score <- rowSums(own[items] > 3)
  table <- table(own[[item]] > 3, own$gender, score)
  # Strata in which one answer or one group stands alone say nothing.
  array(table, dim = dim(table))
}

# ---- one factor of groups ---------------------------------------------------------------------

one_factor <- function(frame, items, column) {
  own <- frame[complete.cases(frame[c(items, column)]), ]
  model <- paste("f =~", paste(items, collapse = " + "))
  equal <- c("loadings", "intercepts")
  fit <- cfa(model, own, group = column, group.equal = equal, std.lv = TRUE)
  free <- lapply(items, function(item) {
    wider <- cfa(model, own, group = column, group.equal = equal, group.partial = paste(item, "~1"), std.lv = TRUE)
    rows <- parameterEstimates(wider)
    own_rows <- rows[rows$lhs == item & rows$op == "~1", ]
    steeper <- cfa(
      model, own, group = column, group.equal = equal, std.lv = TRUE,
      group.partial = c(paste(item, "~1"), paste("f =~", item))
    )
    list(
      item = item, log_likelihood = as.numeric(logLik(wider)), intercepts = own_rows$est,
      both_free = as.numeric(logLik(steeper))
    )
  })
  list(groups = as.list(lavInspect(fit, "group.label")), n = sum(lavInspect(fit, "nobs")),
       log_likelihood = as.numeric(logLik(fit)), free = free)
}

write_record(
  list(
    versions = versions(c("lavaan", "ordinal", "psych")),
    logistic = list(gender = by_groups("gender", c(1, 2)), education = by_groups("education", 1:5)),
    mantel = list(
      admissions = recorded_test(UCBAdmissions), admissions_corrected = recorded_test(UCBAdmissions, TRUE),
      satisfaction = recorded_test(satisfaction), N1 = recorded_test(yes_no("N1")), E4 = recorded_test(yes_no("E4"))
    ),
    one_factor = list(
      bfi_agreeableness = one_factor(bfi_keyed, bfi_scales$A, "gender"),
      hs_textual = one_factor(hs, c("x3", "x4", "x5", "x6"), "school")
    )
  ),
  "dif"
)
