# What the ordinal scripts share: data cut into categories by rule, answers laid out from tables.

library(psych)
source(file.path(folder, "engine_common.R"))

# datCat of semTools as plain numbers; written once, so that tests need no R.
write_datcat <- function() {
  data("datCat", package = "semTools", envir = environment())
  frame <- data.frame(lapply(datCat[paste0("u", 1:8)], as.integer), g = as.character(datCat$g))
  write.csv(frame, file.path(folder, "data", "datcat.csv"), row.names = FALSE)
  read_data("datcat")
}

datcat_items <- paste0("u", 1:8)
neuroticism <- bfi_scales$N
neuroticism_model <- "N =~ N1 + N2 + N3 + N4 + N5"
bfi_n_complete <- complete_rows(bfi, neuroticism)

# Holzinger and Swineford's tests cut at fixed values: a score of a cut or more is in the next category.
hs_cuts <- list(
  x1 = c(4, 5, 6), x2 = c(5.5, 6.5), x3 = c(1, 2, 3), x4 = c(2, 3, 4), x5 = c(3, 4.5, 5.5),
  x6 = c(1.2, 2, 3), x7 = c(3.5, 5), x8 = c(4.75, 5.5, 6.25), x9 = c(4.5, 5.5, 6.25)
)

cut_columns <- function(frame, columns) {
  for (name in columns) frame[[name]] <- findInterval(frame[[name]], hs_cuts[[name]]) + 1L
  frame
}

mixed_ordered <- c("x1", "x3", "x5", "x7")
hs_mixed <- cut_columns(hs, mixed_ordered)
hs_cut <- cut_columns(hs, hs_items)

# Blanks by row number, for pairs of an ordinal and a continuous variable.
blank_rows <- function(frame, items) {
  for (i in seq_along(items)) frame[[items[[i]]]][seq_len(nrow(frame)) %% (7 + i) == i] <- NA
  frame
}
hs_mixed_missing <- blank_rows(hs_mixed, hs_items)

bfi_binary <- bfi_n_complete
bfi_binary[neuroticism] <- lapply(bfi_binary[neuroticism], function(x) as.integer(x >= 4))

rows_of_table <- function(counts) {
  cells <- which(counts > 0, arr.ind = TRUE)
  times <- counts[cells]
  data.frame(a = rep(cells[, 1], times), b = rep(cells[, 2], times))
}

ordinal_rules <- c(rules, list(
  datcat = "semTools' datCat: u1-u8 as 1-5, g as text",
  complete = "rows complete on the items used, unless a key says missing = pairwise",
  hs_cuts = "category = 1 + how many cuts the score reaches",
  hs_cut_values = hs_cuts,
  hs_mixed = paste("cut:", paste(mixed_ordered, collapse = ", ")),
  hs_missing_by_row = "item i (1-9) of row r is blank where r %% (7 + i) == i",
  bfi_binary = "N1-N5: 1 where the answer is 4 or more, else 0",
  bfi_weight = "0.5 + (row of bfi.csv %% 5) / 2"
))
