# HSAUR3::epilepsy (Thall and Vail 1990): seizures in eight weeks before, then in four periods of two weeks.
# Writes epilepsy.csv: the counts as they are, and what is analysed. `before` and `after1` to `after4` are
# log(seizures in two weeks + 0.5), the eight weeks before over four. `total_before` and `total_after` are the log of
# seizures in two weeks over all eight before and all eight on treatment, none counted as a half: who has half as many
# or fewer is who falls by log 2.
# Then: lm with sandwich of the last period; gls (REML, unstructured) of the four, which with nobody lost is lm of each;
# lmer with pbkrtest for Kenward and Roger; g-computation (risks.R) of who has half as many or fewer.
# Run in this folder: Rscript epilepsy.R > epilepsy.json
suppressPackageStartupMessages({
  library(HSAUR3); library(sandwich); library(lmtest); library(nlme); library(lme4); library(pbkrtest); library(jsonlite)
})
source("risks.R")

data("epilepsy", package = "HSAUR3")
first <- epilepsy[epilepsy$period == "1", ]
counts <- sapply(1:4, function(k) {
  one <- epilepsy[epilepsy$period == as.character(k), ]
  one$seizure.rate[match(first$subject, one$subject)]
})
colnames(counts) <- paste0("count", 1:4)
after <- log(counts + 0.5)
colnames(after) <- paste0("after", 1:4)
people <- data.frame(
  id = as.integer(as.character(first$subject)), treatment = tolower(as.character(first$treatment)), age = first$age,
  base = first$base, counts, before = log(first$base / 4 + 0.5), after,
  total_before = log(first$base / 4), total_after = log(pmax(rowSums(counts), 0.5) / 4))
people <- people[order(people$id), ]
stopifnot(!anyNA(people), nrow(people) == 59)
write.csv(people, "epilepsy.csv", row.names = FALSE, quote = FALSE)

people <- read.csv("epilepsy.csv")
people$arm <- relevel(factor(people$treatment), "placebo")
people$half <- as.numeric(rowSums(people[paste0("count", 1:4)]) <= people$base / 2)
stopifnot(people$half == (people$total_before - people$total_after >= log(2) - 1e-9))

line <- function(test, ci) list(estimate = test[1], se = test[2], p = test[4], ci = c(ci))
of_lm <- function(k, type) {
  model <- lm(reformulate(c("arm", "before", "age"), paste0("after", k)), people)
  v <- vcovHC(model, type = type); df <- df.residual(model)
  c(line(coeftest(model, v, df)["armprogabide", ], coefci(model, vcov. = v, df = df)["armprogabide", ]), df = df)
}

long <- reshape(people, direction = "long", varying = paste0("after", 1:4), v.names = "y", timevar = "t", idvar = "id")
long <- long[order(long$id, long$t), ]
long$t <- factor(long$t)
formula <- y ~ t:arm - 1 + t:before + t:age
model <- gls(formula, long, correlation = corSymm(form = ~ as.integer(t) | id), weights = varIdent(form = ~ 1 | t),
             method = "REML", control = glsControl(maxIter = 500, msMaxIter = 2000, tolerance = 1e-12, msTol = 1e-14,
                                                   apVar = FALSE))
mixed <- suppressMessages(lmer(update(formula, . ~ . + (0 + t | id)), long, REML = TRUE,
                               control = lmerControl(check.nobs.vs.nRE = "ignore", optimizer = "bobyqa",
                                                     optCtrl = list(maxfun = 1e6, rhoend = 1e-12))))
adjusted <- as.matrix(vcovAdj(mixed))
difference <- function(names, t) {
  has <- function(arm) as.numeric(names == sprintf("t%d:arm%s", t, arm))
  stopifnot(sum(has("progabide")) == 1, sum(has("placebo")) == 1)
  has("progabide") - has("placebo")
}
mean_of <- function(names, t) if (t == "average") Reduce(`+`, lapply(1:4, difference, names = names)) / 4 else
  difference(names, t)
by_gls <- function(t) {
  c <- mean_of(names(coef(model)), t)
  list(estimate = sum(c * coef(model)), se = sqrt(as.numeric(t(c) %*% vcov(model) %*% c)))
}
by_lmer <- function(t) {
  c <- mean_of(names(fixef(mixed)), t)
  list(estimate = sum(c * fixef(mixed)), se = sqrt(as.numeric(t(c) %*% adjusted %*% c)), df = get_Lb_ddf(mixed, c))
}
all <- function(f) c(setNames(lapply(1:4, f), paste0("period", 1:4)))

packages <- c("HSAUR3", "sandwich", "lmtest", "nlme", "lme4", "pbkrtest", "numDeriv")
write(toJSON(list(
  made_with = c(list(R = R.version.string),
                setNames(lapply(packages, function(p) as.character(packageVersion(p))), packages)),
  n = as.list(table(people$arm)),
  ancova = list(HC3 = of_lm(4, "HC3"), HC2 = of_lm(4, "HC2")),
  each_by_lm = all(function(k) of_lm(k, "const")),
  gls = c(all(by_gls), average = list(by_gls("average"))),
  kenward_roger = c(all(by_lmer), average = list(by_lmer("average"))),
  half = sapply(c("HC3", "HC2"), function(type)
    risks_of(half ~ arm + total_before + age, people, "treatment", "progabide", "placebo", type), simplify = FALSE)),
  auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
