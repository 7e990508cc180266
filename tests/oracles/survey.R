# Asks R's survey what tests/oracles/test_r_itself.py asks dtindex, on the same files: name, estimate, SE, a line each.
suppressMessages(library(survey))
folder <- commandArgs(trailingOnly = TRUE)[1]
# Weights as dtindex reads them: from the files, not from R's own data.
read <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), na.strings = "NA", check.names = TRUE)
srs <- read("apisrs"); strat <- read("apistrat"); clus1 <- read("apiclus1"); clus2 <- read("apiclus2")
say <- function(name, estimate, error) {
  for (one in seq_along(estimate)) cat(name, one, sprintf("%.15g", estimate[one]), sprintf("%.15g", error[one]), "\n", sep = "|")
}
of <- function(name, found) say(name, as.numeric(coef(found)), as.numeric(SE(found)))
deff_of <- function(name, found) say(name, as.numeric(coef(found)), as.numeric(deff(found)))
limits <- function(name, found) { ends <- as.numeric(attr(found, "ci")); say(name, ends[1], ends[2]) }

dsrs <- svydesign(ids = ~1, weights = ~pw, fpc = ~fpc, data = srs)
dstrat <- svydesign(ids = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strat)
dstrat0 <- svydesign(ids = ~1, strata = ~stype, weights = ~pw, data = strat)
dclus1 <- svydesign(ids = ~dnum, weights = ~pw, fpc = ~fpc, data = clus1)
dclus10 <- svydesign(ids = ~dnum, weights = ~pw, data = clus1)
dclus2 <- svydesign(ids = ~dnum + snum, weights = ~pw, fpc = ~fpc1 + fpc2, data = clus2)

of("srs", svymean(~api00, dsrs)); of("strat", svymean(~api00, dstrat)); of("strat no fpc", svymean(~api00, dstrat0))
of("clus1", svymean(~api00, dclus1)); of("clus1 no fpc", svymean(~api00, dclus10)); of("clus2", svymean(~api00, dclus2))
of("total", svytotal(~enroll, dstrat)); of("ratio", svyratio(~api.stu, ~enroll, dstrat))
of("gaps", svymean(~enroll, dclus2, na.rm = TRUE))
of("domains", svyby(~api00, ~stype, dclus1, svymean)); of("crossed", svyby(~api00, ~stype + sch.wide, dclus1, svymean))
of("domain totals", svyby(~enroll, ~sch.wide, dstrat, svytotal))
deff_of("deff strat", svymean(~api00, dstrat, deff = TRUE)); deff_of("deff clus1", svymean(~api00, dclus1, deff = TRUE))
deff_of("deff no fpc", svymean(~api00, dstrat0, deff = "replace"))
deff_of("deff total", svytotal(~enroll, dstrat, deff = TRUE))
yes <- svymean(~I(as.numeric(sch.wide == "Yes")), dclus1)
of("share", yes)
limits("share interval", svyciprop(~I(sch.wide == "Yes"), dclus1, method = "logit"))
limits("share interval strat", svyciprop(~I(sch.wide == "Yes"), dstrat, method = "logit"))
for (p in c(0.1, 0.25, 0.5, 0.9)) {
  q <- svyquantile(~api00, dstrat, p); say(paste("quantile", p), coef(q), SE(q))
  q <- svyquantile(~api00, dclus1, p); say(paste("quantile clus1", p), coef(q), SE(q))
}
of("jk1", svymean(~api00, as.svrepdesign(dclus1, type = "JK1"))); of("jkn", svymean(~api00, as.svrepdesign(dstrat, type = "JKn")))
of("jk1 ratio", svyratio(~api.stu, ~enroll, as.svrepdesign(dclus1, type = "JK1")))
of("jkn ratio", svyratio(~api.stu, ~enroll, as.svrepdesign(dstrat, type = "JKn")))

# BRR: the first two schools of each county that has two in the stratified sample.
pairs <- strat[ave(seq_len(nrow(strat)), strat$cnum, FUN = seq_along) <= 2, ]
pairs <- pairs[ave(pairs$pw, pairs$cnum, FUN = length) == 2, ]
dpairs <- svydesign(ids = ~1, strata = ~cnum, weights = ~pw, data = pairs)
of("pairs", svymean(~api00, dpairs)); of("pairs total", svytotal(~api00, dpairs))
of("brr", svytotal(~api00, as.svrepdesign(dpairs, type = "BRR", mse = TRUE)))
of("fay", svytotal(~api00, as.svrepdesign(dpairs, type = "Fay", fay.rho = 0.3, mse = TRUE)))

types <- data.frame(stype = c("E", "H", "M"), Freq = c(4421, 755, 1018))
wide <- data.frame(sch.wide = c("No", "Yes"), Freq = c(1072, 5122))
post <- postStratify(dclus1, ~stype, types)
of("post", svymean(~api00, post)); of("post domains", svyby(~api00, ~sch.wide, post, svymean)); of("post total", svytotal(~enroll, post))
raked <- rake(dclus1, list(~stype, ~sch.wide), list(types, wide), control = list(maxit = 1000, epsilon = 1e-11))
of("rake", svymean(~api00, raked)); of("rake domains", svyby(~api00, ~stype, raked, svymean))
totals <- c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, api99 = 3914069)
for (fun in c("linear", "raking"))
  of(fun, svymean(~api00, calibrate(dclus1, ~stype + api99, totals, calfun = fun, epsilon = 1e-12)))
of("logit", svymean(~api00, calibrate(dclus1, ~stype + api99, totals, calfun = "logit", bounds = c(0.7, 1.7), epsilon = 1e-12)))
of("linear domains", svyby(~api00, ~stype, calibrate(dclus1, ~stype + api99, totals, epsilon = 1e-12), svymean))
of("post two stages", svymean(~api00, postStratify(svydesign(ids = ~dnum, weights = ~pw, data = clus2), ~stype, types)))
of("post jk1", svymean(~api00, postStratify(as.svrepdesign(dclus1, type = "JK1"), ~stype, types)))

# A county with a single school in the sample is a stratum with a single PSU.
for (policy in c("certainty", "adjust", "average")) {
  options(survey.lonely.psu = policy)
  lonely <- svydesign(ids = ~1, strata = ~cnum, weights = ~pw, data = strat)
  of(paste("lonely", policy), svymean(~api00, lonely)); of(paste("lonely total", policy), svytotal(~enroll, lonely))
}
options(survey.lonely.psu = "fail")
t <- svyttest(api00 ~ sch.wide, dstrat)
say("t test", t$estimate, t$estimate / t$statistic)
glm <- svyglm(api00 ~ ell + meals + mobility, dstrat)
of("glm", glm)
