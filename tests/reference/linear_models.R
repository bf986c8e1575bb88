# Linear models of a trial by lm: Bell-McCaffrey degrees of freedom and joint tests by clubSandwich (everyone a cluster
# of their own), the interaction form by estimatr, a 2 x 2 factorial and subgroups by sandwich and clubSandwich.
# Run in this folder: Rscript linear_models.R > linear_models.json
suppressPackageStartupMessages({ library(clubSandwich); library(sandwich); library(jsonlite) })

three <- subset(read.csv("three_arms.csv"), !is.na(outcome))
three$arm <- relevel(factor(three$arm), ref = "early_memory")
rownames(three) <- NULL

rows_of <- function(model, term) grep(term, names(coef(model)))

single <- function(model, type, v = vcovCR(model, seq_len(nobs(model)), type = type)) {
  t <- linear_contrast(model, v, contrasts = diag(length(coef(model))), test = "Satterthwaite", p_values = TRUE)
  setNames(lapply(seq_along(coef(model)), function(i)
    list(estimate = t$Est[i], se = t$SE[i], df = t$df[i], low = t$CI_L[i], high = t$CI_U[i], p = t$p_val[i])),
    names(coef(model)))
}

joint <- function(model, type, which) {
  v <- vcovCR(model, seq_len(nobs(model)), type = type)
  w <- Wald_test(model, constrain_zero(which, coef(model)), vcov = v, test = "HTZ")
  list(f = w$Fstat, df1 = w$df_num, df2 = w$df_denom, p = w$p_val)
}

joint_residual <- function(model, v, which) {
  b <- coef(model)[which]
  f <- drop(b %*% solve(v[which, which], b)) / length(which)
  list(f = f, df1 = length(which), df2 = df.residual(model), p = pf(f, length(which), df.residual(model), lower.tail = FALSE))
}

arms <- function(data, formula) {
  model <- lm(formula, data)
  which <- rows_of(model, "^arm")
  list(CR2 = single(model, "CR2"), CR3 = single(model, "CR3"), joint_CR2 = joint(model, "CR2", which),
       joint_CR3 = joint(model, "CR3", which), joint_HC3 = joint_residual(model, vcovHC(model, "HC3"), which),
       joint_HC2 = joint_residual(model, vcovHC(model, "HC2"), which),
       joint_classical = joint_residual(model, vcov(model), which))
}

fdd <- subset(read.csv("fdd.csv"), !is.na(prop2) & !is.na(prop1))
fdd$arm <- relevel(factor(fdd$trt), ref = "E")
rownames(fdd) <- NULL

write(toJSON(list(
  made_with = list(R = R.version.string, clubSandwich = as.character(packageVersion("clubSandwich")),
                   sandwich = as.character(packageVersion("sandwich"))),
  fdd = arms(fdd, prop2 ~ arm + prop1),
  three_arms = arms(three, outcome ~ arm + baseline + region),
  unadjusted = arms(three, outcome ~ arm)),
  auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
