# The mixed model for repeated measures on repeated.csv: gls for the optimum; the restricted likelihood written out in
# plain R, with numerical derivatives, for Satterthwaite's degrees of freedom; lmer and pbkrtest for Kenward and Roger.
# Run in this folder: Rscript mmrm.R > mmrm.json
suppressPackageStartupMessages(library(jsonlite))
source("restricted.R")

wide <- read.csv("repeated.csv")
long <- reshape(wide, direction = "long", varying = paste0("y", 1:4), v.names = "y", timevar = "t", idvar = "id")
long <- long[!is.na(long$y), ]
long <- long[order(long$id, long$t), ]
long$t <- factor(long$t)
long$male <- as.numeric(long$sex == "m")

# every arm has a mean at each timepoint; the baseline a line at each; the factor one line in common, or one at each
lines <- list(own = y ~ t:arm - 1 + t:baseline + t:male, common = y ~ t:arm - 1 + t:baseline + male)

differences <- function(names) {
  plain <- gsub(":", "_", sub("^t", "", names))
  each <- lapply(1:4, function(t) setNames(as.numeric(plain == sprintf("%d_armkind", t)) -
                                           as.numeric(plain == sprintf("%d_armwait", t)), names))
  c(setNames(each, paste0("y", 1:4)), list(average = Reduce(`+`, each) / 4))
}

# the baseline among the outcomes, its mean shared by the arms
all <- reshape(wide, direction = "long", varying = c("baseline", paste0("y", 1:4)), v.names = "y", timevar = "t",
               times = 0:4, idvar = "id")
all <- all[!is.na(all$y), ]
all <- all[order(all$id, all$t), ]
all$male <- as.numeric(all$sex == "m")
terms <- "first"
all$first <- as.numeric(all$t == 0)
for (t in 1:4) for (arm in c("calm", "kind", "wait")) {
  terms <- c(terms, sprintf("t%d_arm%s", t, arm))
  all[[tail(terms, 1)]] <- as.numeric(all$t == t & all$arm == arm)
}
all$t <- factor(all$t)
constrained <- as.formula(paste("y ~ 0 +", paste(terms, collapse = " + "), "+ t:male"))

# other structures: gls alone has them with a standard deviation for each timepoint
simpler <- function(correlation) {
  model <- gls(lines$own, long, correlation = correlation, weights = varIdent(form = ~ 1 | t), method = "REML",
               control = glsControl(maxIter = 500, msMaxIter = 2000, tolerance = 1e-12, msTol = 1e-14, apVar = FALSE))
  v <- vcov(model); b <- coef(model)
  c(list(log_likelihood = as.numeric(logLik(model))), lapply(differences(names(b)), function(c)
    list(estimate = sum(c * b), se = sqrt(as.numeric(t(c) %*% v %*% c)))))
}

packages <- c("nlme", "lme4", "pbkrtest", "numDeriv")
write(toJSON(list(
  made_with = c(list(R = R.version.string),
                setNames(lapply(packages, function(p) as.character(packageVersion(p))), packages)),
  own = judged(lines$own, long, differences), common = judged(lines$common, long, differences),
  clda = judged(constrained, all, differences),
  autoregressive = simpler(corAR1(form = ~ as.integer(t) | id)),
  compound_symmetry = simpler(corCompSymm(form = ~ 1 | id))),
  auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
