(println "one")
(println "two)
