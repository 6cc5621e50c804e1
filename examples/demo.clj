;; What `make demo` runs before it leaves you at the prompt.

(def hs (hosts ["web1" "web2" "web3" "db1"]))

(defn listing [hs]
  (run (ls hs "/" "-la") | (pick successful) | (pretty)))

(println "(listing hs), where listing is")
(println "  (run (ls hs \"/\" \"-la\") | (pick successful) | (pretty))")
(listing hs)

(println "(run (exec hs \"uptime\") | (pretty \"uptime\"))")
(run (exec hs "uptime") | (pretty "uptime"))

(println "Your turn: hs are the hosts. Try")
(println "  (run (exec hs \"uname -r\") | (pick successful) | (exec \"uptime\") | (pretty))")
(println "  (second *1)    all the data of the last pipeline")
(println "  (doc pick)     docs/pipelines.md tells the rest")
