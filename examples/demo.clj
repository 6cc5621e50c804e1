;; What `make demo` runs before it leaves you at the prompt.

(def hs (hosts ["web1" "web2" "web3" "db1"]))

(defn listing [hs]
  (run (ls hs "/" "-la") | (pick successful) | (pretty)))

(println "(listing hs), where listing is")
(println "  (run (ls hs \"/\" \"-la\") | (pick successful) | (pretty))")
(listing hs)

(println "(run (exec hs \"uptime\") | (pretty \"uptime\"))")
(run (exec hs "uptime") | (pretty "uptime"))

(println "(def agents (demo-fleet 3)): agents, started on this machine, to which functions travel with what they need")
(def agents (demo-fleet 3))
(defn big? [path] (< 100000 (reops.fs/size path)))
(println "(run (ship agents (fn [dir] (filterv big? (reops.fs/list-dir dir))) [\"/etc\"]) | (pretty)), with a big? of ours")
(run (ship agents (fn [dir] (filterv big? (reops.fs/list-dir dir))) ["/etc"]) | (pretty))

(println "@(create fake defaults (local) small :redis \"cache\" 2), on machines that are only made up; (list); and (destroy)")
@(create fake defaults (local) small :redis "cache" 2)
(list)
@(destroy (typed :redis) {:force true})

(println "Your turn: hs are the hosts, agents those with agents. Try")
(println "  (run (exec hs \"uname -r\") | (pick successful) | (exec \"uptime\") | (pretty))")
(println "  (second *1)    all the data of the last pipeline")
(println "  (doc pick)     docs/pipelines.md tells the rest")
