(println "日本" "é" (undefined-名前 1))
