# The covariances that stand in for a free one, on repeated.csv: a standard deviation for each timepoint with Toeplitz
# correlations (one for each distance), first-order autoregressive ones, or one correlation for all. The restricted
# likelihood of restricted.R as a function of these parameters, by Newton's steps to its very top; estimates, errors, and
# Satterthwaite's degrees of freedom from the curvature there. nlme has no Toeplitz correlations of this kind.
# Run in this folder: Rscript structures.R > structures.json
suppressPackageStartupMessages(library(jsonlite))
source("restricted.R")

wide <- read.csv("repeated.csv")
long <- reshape(wide, direction = "long", varying = paste0("y", 1:4), v.names = "y", timevar = "t", idvar = "id")
long <- long[!is.na(long$y), ]
long <- long[order(long$id, long$t), ]
long$t <- factor(long$t)
long$male <- as.numeric(long$sex == "m")
own <- restricted(y ~ t:arm - 1 + t:baseline + t:male, long)

apart <- abs(outer(1:4, 1:4, "-"))
correlations <- list(
  toeplitz = function(r) matrix(c(1, r)[apart + 1], 4),
  autoregressive = function(r) r^apart,
  compound_symmetry = function(r) ifelse(apart == 0, 1, r))
starts <- list(toeplitz = c(.5, .4, .3), autoregressive = .5, compound_symmetry = .4)

fitted <- function(kind) {
  covariance <- function(par) correlations[[kind]](par[-(1:4)]) * outer(exp(par[1:4]), exp(par[1:4]))
  free <- function(par) { s <- covariance(par); s[lower.tri(s, TRUE)] }
  value <- function(par) {
    if (min(eigen(covariance(par), TRUE)$values) < 1e-6) return(-1e10)
    own$parts(free(par))$value
  }
  slope <- function(par) drop(crossprod(jacobian(free, par), own$slope(free(par))))
  par <- optim(c(rep(log(4), 4), starts[[kind]]), value, slope, method = "BFGS", control = list(fnscale = -1, maxit = 500))$par
  for (step in 1:5) par <- par - solve(jacobian(slope, par), slope(par))
  stopifnot(max(abs(slope(par))) < 1e-7, all.equal(slope(1.01 * par), grad(value, 1.01 * par), tolerance = 1e-5))
  spread <- solve(-jacobian(slope, par))
  at <- own$parts(free(par))
  plain <- gsub(":", "_", sub("^t", "", colnames(own$x)))
  each <- lapply(1:4, function(t) as.numeric(plain == sprintf("%d_armkind", t)) - as.numeric(plain == sprintf("%d_armwait", t)))
  names(each) <- paste0("y", 1:4)
  each$average <- Reduce(`+`, each) / 4
  c(list(log_likelihood = at$value, covariance = covariance(par)), lapply(each, function(c) {
    v <- function(par) as.numeric(t(c) %*% own$parts(free(par))$phi %*% c)
    g <- grad(v, par)
    told(sum(c * at$beta), sqrt(v(par)), 2 * v(par)^2 / as.numeric(t(g) %*% spread %*% g))
  }))
}
write(toJSON(c(list(made_with = list(R = R.version.string, numDeriv = as.character(packageVersion("numDeriv")))),
               sapply(names(correlations), fitted, simplify = FALSE)),
             auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
