# A model of repeated outcomes with an unstructured covariance, brought to the very top of its restricted likelihood, and
# combinations of its coefficients judged by Satterthwaite's degrees of freedom (numDeriv) and by Kenward and Roger
# (lme4, pbkrtest). Sourced by mmrm.R and factorial_repeated.R; long has y, id and the factor t.
suppressPackageStartupMessages({ library(nlme); library(lme4); library(pbkrtest); library(numDeriv) })

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

# combinations: from the names of the coefficients to a list of weights
judged <- function(formula, long, combinations) {
  found <- by_gls(formula, long)
  at <- found$own$parts(found$theta)
  spread <- solve(found$curvature)
  names <- colnames(found$own$x)
  satterthwaite <- lapply(combinations(names), function(c) {
    v <- function(theta) as.numeric(t(c) %*% found$own$parts(theta)$phi %*% c)
    g <- grad(v, found$theta)
    told(sum(c * at$beta), sqrt(v(found$theta)), 2 * v(found$theta)^2 / as.numeric(t(g) %*% spread %*% g))
  })
  mixed <- suppressMessages(lmer(update(formula, . ~ . + (0 + t | id)), long, REML = TRUE,
                                 control = lmerControl(check.nobs.vs.nRE = "ignore", optimizer = "bobyqa",
                                                       optCtrl = list(maxfun = 1e6, rhoend = 1e-12))))
  adjusted <- as.matrix(vcovAdj(mixed))
  order <- match(names, names(fixef(mixed)))
  kenward_roger <- lapply(combinations(names), function(c) {
    there <- numeric(length(c)); there[order] <- c
    told(sum(there * fixef(mixed)), sqrt(as.numeric(t(there) %*% adjusted %*% there)),
         get_Lb_ddf(mixed, there))
  })
  covariance <- found$own$sigma(found$theta)
  list(log_likelihood = at$value, log_likelihood_gls = as.numeric(logLik(found$model)), above_gls = found$gap,
       covariance = covariance, satterthwaite = satterthwaite, kenward_roger = kenward_roger,
       log_likelihood_lmer = as.numeric(logLik(mixed)))
}
