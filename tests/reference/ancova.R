# ANCOVA by lm, covariance by sandwich::vcovHC, tests and intervals by lmtest.
# Run in this folder: Rscript ancova.R > ancova.json
suppressPackageStartupMessages({ library(sandwich); library(lmtest); library(jsonlite) })

covariances <- c(classical = "const", HC2 = "HC2", HC3 = "HC3")

# One row of the model matrix per arm, the other covariates at their means among the analysed.
at_means <- function(model, arms) {
  x <- model.matrix(model)
  t(sapply(arms, function(a) {
    row <- colMeans(x)
    row[startsWith(colnames(x), "arm")] <- 0
    if (paste0("arm", a) %in% colnames(x)) row[paste0("arm", a)] <- 1
    row
  }))
}

report <- function(data, formula, reference, level = .95) {
  data$arm <- relevel(factor(data$arm), ref = reference)
  model <- lm(formula, data)
  used <- model.frame(model)$arm
  df <- df.residual(model)
  lapply(covariances, function(type) {
    v <- vcovHC(model, type = type)
    tests <- coeftest(model, vcov. = v, df = df)
    intervals <- coefci(model, vcov. = v, df = df, level = level)
    rows <- at_means(model, levels(used))
    means <- drop(rows %*% coef(model))
    ses <- sqrt(diag(rows %*% v %*% t(rows)))
    half <- qt(1 - (1 - level) / 2, df) * ses
    others <- setdiff(levels(used), reference)
    contrasts <- lapply(setNames(others, others), function(a) {
      k <- paste0("arm", a)
      list(estimate = tests[k, 1], se = tests[k, 2], t = tests[k, 3], p = tests[k, 4],
           low = intervals[k, 1], high = intervals[k, 2])
    })
    adjusted <- lapply(setNames(levels(used), levels(used)), function(a)
      list(mean = means[[a]], se = ses[[a]], low = means[[a]] - half[[a]], high = means[[a]] + half[[a]]))
    list(reference = reference, df = df, level = level, n = as.list(table(used)), contrasts = contrasts,
         adjusted_means = adjusted)
  })
}

fdd <- read.csv("fdd.csv")
names(fdd)[names(fdd) == "trt"] <- "arm"
imputed <- fdd
imputed$prop1[is.na(imputed$prop1)] <- mean(fdd$prop1, na.rm = TRUE)
three <- read.csv("three_arms.csv")

write(toJSON(list(
  made_with = list(R = R.version.string, sandwich = as.character(packageVersion("sandwich")),
                   lmtest = as.character(packageVersion("lmtest"))),
  analyses = list(
    fdd_prop2 = report(fdd, prop2 ~ arm + prop1, "E"),
    fdd_prop3 = report(fdd, prop3 ~ arm + prop1, "E"),
    fdd_prop2_mean_imputed = report(imputed, prop2 ~ arm + prop1, "E"),
    three_arms = report(three, outcome ~ arm + baseline + region, "early_memory"),
    three_arms_from_optimism = report(three, outcome ~ arm + baseline + region, "optimism", level = .9),
    three_arms_unadjusted = report(three, outcome ~ arm, "early_memory"))),
  auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
