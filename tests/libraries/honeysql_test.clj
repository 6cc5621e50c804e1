(ns honeysql-test
  "honey.sql: data to SQL with parameters."
  (:require [clojure.test :refer [deftest is]]
            [honey.sql :as sql]
            [honey.sql.helpers :as h]))

(deftest formats-queries
  (is (= ["SELECT id, name AS title FROM hosts WHERE (status = ?) AND (cpus > ?) ORDER BY name DESC LIMIT ?" "up" 4 10]
         (sql/format {:select [:id [:name :title]]
                      :from [:hosts]
                      :where [:and [:= :status "up"] [:> :cpus 4]]
                      :order-by [[:name :desc]]
                      :limit 10})))
  (is (= ["SELECT h.id, COUNT(*) AS jobs FROM hosts AS h LEFT JOIN jobs AS j ON j.host_id = h.id WHERE h.id IN (?, ?) GROUP BY h.id HAVING COUNT(*) > ?" 1 2 3]
         (sql/format {:select [:h.id [[:count :*] :jobs]]
                      :from [[:hosts :h]]
                      :left-join [[:jobs :j] [:= :j.host-id :h.id]]
                      :where [:in :h.id [1 2]]
                      :group-by [:h.id]
                      :having [:> [:count :*] 3]})))
  (is (= ["SELECT * FROM t WHERE a IS NULL"] (sql/format {:select [:*] :from [:t] :where [:= :a nil]})))
  (is (= ["SELECT CASE WHEN a > ? THEN ? ELSE ? END AS size FROM t" 1 "big" "small"]
         (sql/format {:select [[[:case [:> :a 1] "big" :else "small"] :size]] :from [:t]})))
  (is (= ["WITH up AS (SELECT * FROM hosts WHERE up = TRUE) SELECT * FROM up"]
         (sql/format {:with [[:up {:select [:*] :from [:hosts] :where [:= :up true]}]] :select [:*] :from [:up]}))))

(deftest formats-changes
  (is (= ["INSERT INTO hosts (name, cpus) VALUES (?, ?), (?, NULL)" "web1" 2 "web2"]
         (sql/format {:insert-into :hosts :values [{:name "web1" :cpus 2} {:name "web2" :cpus nil}]})))
  (is (= ["UPDATE hosts SET status = ?, tries = tries + ? WHERE id = ?" "down" 1 7]
         (sql/format {:update :hosts :set {:status "down" :tries [:+ :tries 1]} :where [:= :id 7]})))
  (is (= ["DELETE FROM hosts WHERE id = ?" 7] (sql/format {:delete-from :hosts :where [:= :id 7]})))
  (is (= ["CREATE TABLE hosts (id INT NOT NULL, name VARCHAR(32))"]
         (sql/format {:create-table :hosts :with-columns [[:id :int [:not nil]] [:name [:varchar 32]]]}))))

(deftest composes-with-helpers
  (let [query (-> (h/select :a :b) (h/from :t) (h/where [:= :a 1]))]
    (is (= {:select [:a :b] :from [:t] :where [:= :a 1]} query))
    (is (= ["SELECT a, b FROM t WHERE (a = ?) AND (b = ?)" 1 2] (sql/format (h/where query [:= :b 2]))))))

(deftest options
  (is (= ["SELECT * FROM t WHERE a = 'it''s' AND b = 5"]
         (update (sql/format {:select [:*] :from [:t] :where [:and [:= :a "it's"] [:= :b 5]]} {:inline true})
                 0 clojure.string/replace #"[()]" "")))
  (is (= ["SELECT \"a-b\" FROM \"t\""] (sql/format {:select [:a-b] :from [:t]} {:quoted true})))
  (is (= ["SELECT * FROM t WHERE a = ?" 5] (sql/format {:select [:*] :from [:t] :where [:= :a :?x]} {:params {:x 5}})))
  (is (thrown? clojure.lang.ExceptionInfo (sql/format {:select [:a] :no-such-clause 1}))))
