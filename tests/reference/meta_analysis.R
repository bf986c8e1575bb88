# Meta-analysis by metafor: rma with tight control, predict, confint, leave1out, regtest, escalc.
# Run in this folder: Rscript meta_analysis.R > meta_analysis.json
suppressPackageStartupMessages({ library(metafor); library(metadat); library(jsonlite) })

fit <- function(d, method, test = "z", level = 95) {
  if (method == "FE") return(rma(yi, vi, data = d, method = "FE", level = level))
  control <- if (method == "REML") list(threshold = 1e-14, maxiter = 10000) else list(tol = 1e-14, maxiter = 10000)
  rma(yi, vi, data = d, method = method, test = test, level = level, control = control)
}
figures <- function(m) list(estimate = as.numeric(m$beta), se = m$se, statistic = m$zval, p = m$pval,
                            low = m$ci.lb, high = m$ci.ub, tau2 = m$tau2, i2 = m$I2 / 100, h2 = m$H2,
                            q = m$QE, q_p = m$QEp, weights = as.numeric(weights(m)) / 100)
profile <- function(m) {
  ends <- confint(m, control = list(tol = 1e-13, tau2.max = 1e6, maxiter = 10000))$random
  list(tau2 = as.numeric(ends["tau^2", 2:3]), i2 = as.numeric(ends["I^2(%)", 2:3]) / 100)
}
predicted <- function(m) {
  p <- predict(m)
  half <- qt((1 + (100 - 100 * m$level) / 100) / 2, m$k - 2) * sqrt(m$tau2 + m$se^2)
  list(metafor = c(p$pi.lb, p$pi.ub), higgins = as.numeric(m$beta) + c(-half, half))
}
everything <- function(d, label) {
  methods <- c(common = "FE", dl = "DL", pm = "PM", reml = "REML")
  out <- list(studies = label, estimates = as.numeric(d$yi), variances = as.numeric(d$vi))
  out$fits <- lapply(methods, function(each) {
    m <- fit(d, each)
    found <- list(normal = figures(m))
    if (each != "FE") {
      found$knapp_hartung <- figures(fit(d, each, "knha"))
      found$guarded <- figures(fit(d, each, "adhoc"))
      found$profile <- profile(m)
      if (nrow(d) > 2) found$prediction <- predicted(m)
      found$ninety <- figures(fit(d, each, "knha", 90))
    }
    found
  })
  if (nrow(d) > 2) {
    # leave1out has no control for its steps, so each study is left out by hand
    out$leave_one_out <- lapply(seq_len(nrow(d)), function(i) figures(fit(d[-i, ], "REML", "knha")))
    test <- regtest(fit(d, "REML"), model = "lm", predictor = "sei")
    out$egger <- list(bias = as.numeric(coef(summary(test$fit))[2, 1]), se = as.numeric(coef(summary(test$fit))[2, 2]), t = test$zval,
                      df = test$dfs, p = test$pval, limit = test$est, low = test$ci.lb, high = test$ci.ub)
  }
  out
}

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
bcg <- data.frame(yi = as.numeric(bcg$yi), vi = as.numeric(bcg$vi), alloc = bcg$alloc, name = paste(bcg$author, bcg$year))
of <- function(group) fit(bcg[bcg$alloc == group, ], "REML", "knha")
parts <- lapply(unique(bcg$alloc), of)
between <- rma(yi = sapply(parts, function(m) as.numeric(m$beta)), sei = sapply(parts, function(m) m$se), method = "FE")

cbt <- with(dat.lopez2019, dat.lopez2019[!is.na(diff) & !is.na(se), ])
pair <- function(s) {
  rows <- cbt[cbt$study == s, ]
  wait <- rows[rows$treatment == "Wait list", ]; mail <- rows[rows$treatment == "Multimedia CBT", ]
  if (nrow(wait) == 0 || nrow(mail) == 0) return(NULL)
  data.frame(name = s, yi = mail$diff[1] - wait$diff[1], vi = mail$se[1]^2 + wait$se[1]^2)
}
lopez <- do.call(rbind, lapply(unique(cbt$study), pair))

molloy <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.molloy2014)
same <- data.frame(yi = c(.3, .3, .3), vi = c(.04, .09, .02))
close <- data.frame(yi = c(.30, .32, .31, .29, .33), vi = c(.04, .09, .02, .05, .06))
two <- data.frame(yi = c(-.2, .7), vi = c(.03, .11))
three <- data.frame(yi = c(-.2, .7, 1.4), vi = c(.03, .11, .25))
uneven <- data.frame(yi = c(.02, .9, -.6, 1.2, .4), vi = c(1e-5, .2, .3, .5, 4))

arms <- data.frame(n1i = c(12, 40, 155, 3), m1i = c(14.2, 3.1, 55, 9), sd1i = c(5.1, 1.2, 47, 2),
                   n2i = c(15, 38, 156, 2), m2i = c(17.9, 3.1, 75, 4), sd2i = c(6.4, 1.5, 64, 1.5))
smd <- escalc(measure = "SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = arms)
md <- escalc(measure = "MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = arms)

J <- function(df) exp(lgamma(df / 2) - log(sqrt(df / 2)) - lgamma((df - 1) / 2))
ppc <- data.frame(n1 = c(20, 8, 60), pre1 = c(21.5, 3.2, 50), post1 = c(15.1, 4.4, 55), sd1 = c(6.2, 1.1, 9), r1 = c(.6, .4, .75),
                  n2 = c(22, 9, 55), pre2 = c(22, 3.0, 49), post2 = c(20.2, 3.1, 48), sd2 = c(5.8, 1.4, 12), r2 = c(.5, .4, .7))
sdp <- with(ppc, sqrt(((n1 - 1) * sd1^2 + (n2 - 1) * sd2^2) / (n1 + n2 - 2)))
ppc$yi <- with(ppc, J(n1 + n2 - 2) * ((post1 - pre1) - (post2 - pre2)) / sdp)
ppc$vi <- with(ppc, 2 * (1 - r1) / n1 + 2 * (1 - r2) / n2 + yi^2 / (2 * (n1 + n2)))

cor <- data.frame(ri = c(.3, -.45, 0, .62), ni = c(50, 24, 100, 4), rx = c(.8, .9, .7, .95), ry = c(.75, 1, .8, .85))
cor$plain <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = cor)$yi
cor$plain_v <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = cor)$vi
slope <- D(quote(0.5 * log((1 + (exp(2 * z) - 1) / (exp(2 * z) + 1) / a) / (1 - (exp(2 * z) - 1) / (exp(2 * z) + 1) / a))), "z")
cor$yi <- sapply(seq_len(nrow(cor)), function(i) atanh(cor$ri[i] / sqrt(cor$rx[i] * cor$ry[i])))
cor$vi <- sapply(seq_len(nrow(cor)), function(i)
  eval(slope, list(z = atanh(cor$ri[i]), a = sqrt(cor$rx[i] * cor$ry[i])))^2 / (cor$ni[i] - 3))

write(toJSON(list(
  made_with = list(R = R.version.string, metafor = as.character(packageVersion("metafor")),
                   metadat = as.character(packageVersion("metadat"))),
  sets = list(bcg = everything(bcg, bcg$name), lopez = everything(lopez, lopez$name),
              molloy = everything(molloy, paste(molloy$authors, molloy$year)), same = everything(same[1:3, ], 1:3),
              close = everything(close, 1:5), two = everything(two, 1:2), three = everything(three, 1:3),
              uneven = everything(uneven, 1:5)),
  subgroups = list(groups = bcg$alloc, names = unique(bcg$alloc), parts = lapply(parts, figures), q = between$QE,
                   p = between$QEp),
  arms = arms, smd = list(yi = as.numeric(smd$yi), vi = as.numeric(smd$vi)),
  md = list(yi = as.numeric(md$yi), vi = as.numeric(md$vi)),
  pre_post_control = ppc, correlations = lapply(cor, as.numeric)),
  auto_unbox = TRUE, digits = NA, pretty = FALSE), stdout())
