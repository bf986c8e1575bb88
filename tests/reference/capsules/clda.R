# The primary analysis once more, from the CSV alone: a model of every visit, with one covariance of visits for all.
# Run it in the folder of the capsule:  Rscript scripts/primary_analysis.R
# It needs R and its packages nlme and numDeriv; lme4 and pbkrtest for degrees of freedom by Kenward and Roger. It
# shares no code with the software that wrote results.json.
suppressPackageStartupMessages({ library(nlme); library(numDeriv) })

score <- "mood"
arm <- "kind"
reference <- "wait"
baseline <- "baseline"
numbers <- setdiff(c(""), "") # covariates, each as it was at the baseline
factors <- setdiff(c("sex"), "")
degrees <- "satterthwaite" # satterthwaite or kenward_roger
level <- 0.95

data <- read.csv("data.csv", colClasses = "character", na.strings = "", check.names = FALSE)
people <- unique(data$participant)
of <- function(name, timepoint) {
  rows <- data[data$timepoint == timepoint, ]
  rows[[name]][match(people, rows$participant)]
}

visits <- c("baseline", "y1", "y2", "y3", "y4") # with the baseline among them (cLDA) the arms share one mean there
values <- sapply(visits, function(visit) as.numeric(of(score, visit)))
seen <- rowSums(!is.na(values)) > 0 # everybody with the outcome at any visit, in the arm that they were allocated to

# a covariate that is missing gets the mean of everybody randomised
filled <- function(values) replace(values, is.na(values), mean(values, na.rm = TRUE))
columns <- lapply(setNames(numbers, numbers), function(name) filled(as.numeric(of(name, baseline))))
for (name in factors) {
  levels <- of(name, baseline)
  for (one in sort(unique(levels[seen & !is.na(levels)]), method = "radix")[-1])
    columns[[paste(name, one)]] <- filled(as.numeric(levels == one))
}
covariates <- do.call(cbind, c(list(matrix(0, length(people), 0)), columns))[seen, , drop = FALSE]
varies <- apply(covariates, 2, function(one) diff(range(one)) > 1e-12 * max(abs(one)))
covariates <- covariates[, as.logical(varies), drop = FALSE]
values <- values[seen, , drop = FALSE]

# of each visit the columns of `each` that have a line of their own there, and their places among the coefficients
arms <- factor(data$arm[match(people, data$participant)][seen])
each <- cbind(1, model.matrix(~ 0 + arms), covariates)
own <- lapply(visits, function(visit) if (visit == baseline) -(1 + seq_len(nlevels(arms))) else -1)
own <- lapply(own, function(left_out) seq_len(ncol(each))[left_out])
places <- split(seq_along(unlist(own)), rep(seq_along(visits), lengths(own)))

long <- data.frame(person = rep(seq_len(nrow(each)), length(visits)), visit = rep(seq_along(visits), each = nrow(each)))
long$y <- c(values)
design <- do.call(cbind, lapply(seq_along(visits), function(v) each[long$person, own[[v]]] * (long$visit == v)))
known <- !is.na(long$y)
long <- long[known, ]
long$x <- design[known, ]
long$at <- factor(long$visit)
fitted <- gls(y ~ 0 + x, data = long, method = "REML", correlation = corSymm(form = ~ visit | person),
              weights = varIdent(form = ~ 1 | at),
              control = glsControl(maxIter = 500, msMaxIter = 2000, tolerance = 1e-10, msTol = 1e-13, apVar = FALSE))

# the restricted likelihood of a covariance, written out: people with the same visits share its inverse
patterns <- split(seq_len(nrow(each)), apply(!is.na(values), 1, paste, collapse = ""))
sums <- lapply(patterns, function(who) {
  at <- which(!is.na(values[who[1], ]))
  x <- each[who, , drop = FALSE]
  y <- values[who, at, drop = FALSE]
  list(n = length(who), at = at, xx = crossprod(x), xy = crossprod(x, y), yy = crossprod(y))
})
full <- function(theta) {
  s <- matrix(0, length(visits), length(visits))
  s[lower.tri(s, TRUE)] <- theta
  s + t(s) - diag(diag(s), length(visits))
}
fit <- function(theta) {
  xx <- matrix(0, ncol(design), ncol(design))
  xy <- numeric(ncol(design))
  rest <- 0
  for (one in sums) {
    covariance <- full(theta)[one$at, one$at, drop = FALSE]
    w <- solve(covariance)
    for (i in seq_along(one$at)) for (j in seq_along(one$at)) {
      a <- one$at[i]
      b <- one$at[j]
      xx[places[[a]], places[[b]]] <- xx[places[[a]], places[[b]]] + w[i, j] * one$xx[own[[a]], own[[b]]]
      xy[places[[a]]] <- xy[places[[a]]] + w[i, j] * one$xy[own[[a]], j]
    }
    rest <- rest + sum(w * one$yy) + one$n * determinant(covariance)$modulus
  }
  list(deviance = as.numeric(rest + determinant(xx)$modulus - sum(xy * solve(xx, xy))), at = solve(xx, xy),
       spread = solve(xx))
}
deviance <- function(theta) fit(theta)$deviance

# from where gls stopped to the top, by Newton's steps
sd <- fitted$sigma * coef(fitted$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)[levels(long$at)]
correlation <- diag(length(visits))
correlation[lower.tri(correlation)] <- coef(fitted$modelStruct$corStruct, unconstrained = FALSE)
covariance <- (correlation + t(correlation) - diag(length(visits))) * outer(sd, sd)
theta <- covariance[lower.tri(covariance, TRUE)]
for (step in 1:3) theta <- theta - solve(hessian(deviance, theta), grad(deviance, theta))

place <- places[[match("y4", visits)]]
weight <- replace(numeric(ncol(design)), place[match(c(arm, reference), levels(arms))], c(1, -1))
top <- fit(theta)
estimate <- sum(weight * top$at)
variance <- function(theta) drop(weight %*% fit(theta)$spread %*% weight)
if (degrees == "kenward_roger") {
  suppressPackageStartupMessages({ library(lme4); library(pbkrtest) })
  mixed <- suppressWarnings(suppressMessages(lmer(
    y ~ 0 + x + (0 + at | person), long, REML = TRUE,
    control = lmerControl(check.nobs.vs.nRE = "ignore", optimizer = "bobyqa",
                          optCtrl = list(maxfun = 1e6, rhoend = 1e-12)))))
  se <- sqrt(drop(weight %*% as.matrix(vcovAdj(mixed)) %*% weight))
  df <- get_Lb_ddf(mixed, weight)
} else {
  se <- sqrt(variance(theta))
  slope <- grad(variance, theta)
  df <- 2 * se^4 / drop(slope %*% solve(hessian(deviance, theta) / 2, slope))
}
half <- qt((1 + level) / 2, df) * se

cat(sprintf("%s %.10g\n", c("estimate", "se", "df", "p", "ci_low", "ci_high"),
            c(estimate, se, df, 2 * pt(-abs(estimate / se), df), estimate - half, estimate + half)), sep = "")
cat(sprintf("n_%s %d\n", names(table(arms)), as.integer(table(arms))), sep = "")
