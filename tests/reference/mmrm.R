# The mixed model for repeated measures on repeated.csv: gls for the optimum; the restricted likelihood written out in
# plain R, with numerical derivatives, for Satterthwaite's degrees of freedom; lmer and pbkrtest for Kenward and Roger.
# Run in this folder: Rscript mmrm.R > mmrm.json
suppressPackageStartupMessages({ library(nlme); library(lme4); library(pbkrtest); library(numDeriv); library(jsonlite) })

wide <- read.csv("repeated.csv")
long <- reshape(wide, direction = "long", varying = paste0("y", 1:4), v.names = "y", timevar = "t", idvar = "id")
long <- long[!is.na(long$y), ]
long <- long[order(long$id, long$t), ]
long$t <- factor(long$t)
long$male <- as.numeric(long$sex == "m")

# every arm has a mean at each timepoint; the baseline a line at each; the factor one line in common, or one at each
lines <- list(own = y ~ t:arm - 1 + t:baseline + t:male, common = y ~ t:arm - 1 + t:baseline + male)

restricted <- function(formula, long) {
  times <- nlevels(long$t)
  x <- model.matrix(formula, long)
  y <- long$y
  at <- as.integer(long$t)
  people <- split(seq_along(y), long$id)
  sigma <- function(theta) { s <- matrix(0, times, times); s[lower.tri(s, TRUE)] <- theta; s + t(s) - diag(diag(s)) }
  parts <- function(theta) {
    s <- sigma(theta); xwx <- 0; xwy <- 0; logs <- 0; ywy <- 0
    for (rows in people) {
      m <- s[at[rows], at[rows], drop = FALSE]
      w <- solve(m); xi <- x[rows, , drop = FALSE]; yi <- y[rows]
      xwx <- xwx + t(xi) %*% w %*% xi; xwy <- xwy + t(xi) %*% w %*% yi
      ywy <- ywy + sum(yi * (w %*% yi)); logs <- logs + determinant(m)$modulus
    }
    beta <- solve(xwx, xwy)
    twice <- logs + determinant(xwx)$modulus + ywy - sum(beta * xwy) + (length(y) - ncol(x)) * log(2 * pi)
    list(beta = beta, phi = solve(xwx), value = -0.5 * as.numeric(twice))
  }
  list(x = x, parts = parts, sigma = sigma)
}

told <- function(found, se, df) list(estimate = found, se = se, df = df)

by_gls <- function(formula, long) {
  times <- nlevels(long$t)
  model <- gls(formula, long, correlation = corSymm(form = ~ as.integer(t) | id), weights = varIdent(form = ~ 1 | t),
               method = "REML", control = glsControl(maxIter = 500, msMaxIter = 2000, tolerance = 1e-12, msTol = 1e-14,
                                                    opt = "optim", apVar = FALSE))
  spread <- model$sigma * coef(model$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)[levels(long$t)]
  r <- diag(times)
  r[lower.tri(r)] <- coef(model$modelStruct$corStruct, unconstrained = FALSE)
  r <- r + t(r) - diag(times)
  covariance <- r * outer(spread, spread)
  # newton from there, so that what follows is taken at the very top
  own <- restricted(formula, long)
  theta <- covariance[lower.tri(covariance, TRUE)]
  value <- function(theta) own$parts(theta)$value
  for (step in 1:4) theta <- theta - solve(hessian(value, theta), grad(value, theta))
  list(model = model, own = own, theta = theta, gap = value(theta) - value(covariance[lower.tri(covariance, TRUE)]),
       curvature = -hessian(value, theta))
}

differences <- function(names) {
  plain <- gsub(":", "_", sub("^t", "", names))
  each <- lapply(1:4, function(t) setNames(as.numeric(plain == sprintf("%d_armkind", t)) -
                                           as.numeric(plain == sprintf("%d_armwait", t)), names))
  c(setNames(each, paste0("y", 1:4)), list(average = Reduce(`+`, each) / 4))
}

both <- function(formula, long) {
  found <- by_gls(formula, long)
  at <- found$own$parts(found$theta)
  spread <- solve(found$curvature)
  names <- colnames(found$own$x)
  satterthwaite <- lapply(differences(names), function(c) {
    v <- function(theta) as.numeric(t(c) %*% found$own$parts(theta)$phi %*% c)
    g <- grad(v, found$theta)
    told(sum(c * at$beta), sqrt(v(found$theta)), 2 * v(found$theta)^2 / as.numeric(t(g) %*% spread %*% g))
  })
  mixed <- suppressMessages(lmer(update(formula, . ~ . + (0 + t | id)), long, REML = TRUE,
                                 control = lmerControl(check.nobs.vs.nRE = "ignore", optimizer = "bobyqa",
                                                       optCtrl = list(maxfun = 1e6, rhoend = 1e-12))))
  adjusted <- as.matrix(vcovAdj(mixed))
  order <- match(names, names(fixef(mixed)))
  kenward_roger <- lapply(differences(names), function(c) {
    there <- numeric(length(c)); there[order] <- c
    told(sum(there * fixef(mixed)), sqrt(as.numeric(t(there) %*% adjusted %*% there)),
         get_Lb_ddf(mixed, there))
  })
  covariance <- found$own$sigma(found$theta)
  list(log_likelihood = at$value, log_likelihood_gls = as.numeric(logLik(found$model)), above_gls = found$gap,
       covariance = covariance, satterthwaite = satterthwaite, kenward_roger = kenward_roger,
       log_likelihood_lmer = as.numeric(logLik(mixed)))
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
  own = both(lines$own, long), common = both(lines$common, long), clda = both(constrained, all),
  autoregressive = simpler(corAR1(form = ~ as.integer(t) | id)),
  compound_symmetry = simpler(corCompSymm(form = ~ 1 | id))),
  auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
