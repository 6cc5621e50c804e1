(defn tidy []
  (try
    (nth [1 2 3] 5)
    (finally
      (println "tidied"))))

(tidy)
