# Responders of fdd: prop2 imputed twenty times by mice (norm, from prop1, apart in each arm), who gained more than 8
# points, risks by glm adjusted for prop1, errors by stacked estimating equations (HC3), pooled by mice::pool.scalar.
# Run in this folder: Rscript responders.R > responders.json
suppressPackageStartupMessages({ library(mice); library(numDeriv); library(jsonlite) })

fdd <- read.csv("fdd.csv", stringsAsFactors = TRUE)
fdd <- fdd[!is.na(fdd$prop1), c("trt", "prop1", "prop2")]
impute <- function(a) mice(fdd[fdd$trt == a, c("prop1", "prop2")], m = 20, method = "norm", seed = 19870101, printFlag = FALSE)
sets <- lapply(list(C = "C", E = "E"), impute)
fdd <- fdd[order(fdd$trt), ]
completed <- sapply(1:20, function(k) c(complete(sets$C, k)$prop2, complete(sets$E, k)$prop2))

one <- function(after) {
  yes <- as.numeric(fdd$prop1 - after > 8)
  fit <- glm(yes ~ trt + prop1, binomial, fdd, control = glm.control(epsilon = 1e-15, maxit = 100))
  x <- model.matrix(fit); b <- coef(fit); n <- nrow(x)
  x1 <- x; x1[, "trtE"] <- 1
  x0 <- x; x0[, "trtE"] <- 0
  r <- c(mean(plogis(x1 %*% b)), mean(plogis(x0 %*% b)))
  stack <- function(theta) {
    colMeans(cbind(x * c(yes - plogis(x %*% theta[1:3])), plogis(x1 %*% theta[1:3]) - theta[4], plogis(x0 %*% theta[1:3]) - theta[5]))
  }
  bread <- solve(jacobian(stack, c(b, r)))
  each <- cbind(x * c((yes - fitted(fit)) / (1 - hatvalues(fit))), plogis(x1 %*% b) - r[1], plogis(x0 %*% b) - r[2])
  v <- (bread %*% crossprod(each) %*% t(bread) / n^2)[4:5, 4:5]
  g <- rbind(c(1, -1), c(1 / r[1], -1 / r[2]))
  c(r[1] - r[2], log(r[1] / r[2]), diag(g %*% v %*% t(g)))
}
all <- apply(completed, 2, one)
pooled <- lapply(1:2, function(k) {
  p <- pool.scalar(all[k, ], all[k + 2, ], n = nrow(fdd), k = 3)
  list(estimate = p$qbar, se = sqrt(p$t), df = p$df, missing = p$fmi)
})
write(toJSON(list(
  made_with = list(R = R.version.string, mice = as.character(packageVersion("mice"))),
  arm = as.character(fdd$trt), before = fdd$prop1, completed = t(completed), gain = 8,
  difference = pooled[[1]], log_ratio = pooled[[2]]), auto_unbox = TRUE, digits = NA), stdout())
