// Loading libraries: where they are searched, what require makes of its arguments, and what goes wrong.

#include "lang/runtime/loader.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/files.hpp"
#include "lang/collection/vector.hpp"
#include "language_testing.hpp"

namespace reops::lang {
namespace {

/// Libraries of its own in a folder that is first on the load path.
class LoaderTest : public LanguageTest {
 protected:
  LoaderTest() : folder_(make_folder()) {
    run("(alter-var-root #'*load-path* (fn [old] (into [\"" + folder_.path() + "\"] old)))");
    run("(in-ns 'loader-test) (clojure.core/refer-clojure)");
  }
  ~LoaderTest() override {
    run("(alter-var-root #'*load-path* (fn [old] (vec (rest old))))");
    for (const std::string& ns : made_) run("(remove-ns '" + ns + ")");
    run("(remove-ns 'loader-test)");
  }

  void file(const std::string& path, const std::string& text) {
    std::string full = folder_.file(path);
    ASSERT_TRUE(base::make_folders(base::parent_folder(full)).ok());
    ASSERT_TRUE(base::write_file(full, text).ok());
  }
  /// A library that forgets itself when the test ends.
  void lib(const std::string& ns, const std::string& body, const std::string& ending = ".clj") {
    file(path_of_lib(ns) + ending, "(ns " + ns + ")\n" + body);
    made_.push_back(ns);
    run("(alter-var-root #'clojure.core/*loaded-libs* disj '" + ns + ")");
  }
  /// Evaluated in a namespace of its own, which each test starts empty.
  static std::string here(std::string_view text) {
    return shown("(in-ns 'loader-test)\n" + std::string(text));
  }

  static base::TempFolder make_folder() {
    auto made = base::TempFolder::create("reops-loader");
    if (!made) throw std::runtime_error(made.error().message);
    return std::move(made).value();
  }

  base::TempFolder folder_;
  std::vector<std::string> made_;
};

TEST_F(LoaderTest, ALibraryIsFoundByItsPathAndLoadedOnce) {
  lib("ldt.my-ops", "(println \"loading\") (def x 5)");
  EXPECT_EQ(here("(with-out-str (require 'ldt.my-ops) (require 'ldt.my-ops))"), "\"loading\\n\"");
  EXPECT_EQ(here("ldt.my-ops/x"), "5");
  EXPECT_EQ(here("(contains? (loaded-libs) 'ldt.my-ops)"), "true");
}

TEST_F(LoaderTest, CljcServesWhereThereIsNoClj) {
  lib("ldt.portable", "(def x #?(:reops :ours :cljs :theirs))", ".cljc");
  EXPECT_EQ(here("(require 'ldt.portable) ldt.portable/x"), ":ours");
}

TEST_F(LoaderTest, AliasesAndReferredNames) {
  lib("ldt.verbs", "(def go 1) (def stop 2) (def ^:private secret 3)");
  EXPECT_EQ(here("(require '[ldt.verbs :as v :refer [go]]) [v/stop go]"), "[2 1]");
  EXPECT_EQ(here("(ns-resolve 'loader-test 'stop)"), "nil");
  EXPECT_EQ(here("(require '[ldt.verbs :refer :all]) [go stop]"), "[1 2]");
  EXPECT_EQ(here("(ns-resolve 'loader-test 'secret)"), "nil");
  EXPECT_EQ(here("(require '[ldt.verbs :refer [go] :rename {go run-it}]) run-it"), "1");
}

TEST_F(LoaderTest, AnAliasAloneLoadsNothing) {
  lib("ldt.unloaded", "(throw (ex-info \"loaded\" {}))");
  EXPECT_EQ(here("(require '[ldt.unloaded :as-alias u]) ::u/key"), ":ldt.unloaded/key");
}

TEST_F(LoaderTest, UseRefersToAllOrWhatIsLeft) {
  lib("ldt.used", "(def one 1) (def two 2) (def three 3)");
  EXPECT_EQ(here("(use '[ldt.used :exclude [two]]) [one three (ns-resolve *ns* 'two)]"), "[1 3 nil]");
  EXPECT_EQ(here("(use '[ldt.used :only [two] :rename {two zwei}]) zwei"), "2");
}

TEST_F(LoaderTest, PrefixLists) {
  lib("ldt.pre.a", "(def x :a)");
  lib("ldt.pre.b", "(def x :b)");
  EXPECT_EQ(here("(require '(ldt.pre a [b :as bee])) [ldt.pre.a/x bee/x]"), "[:a :b]");
  EXPECT_EQ(here("(require '(ldt.pre a.b))").substr(0, 25), "!IllegalArgumentException");
}

TEST_F(LoaderTest, ReloadLoadsAgain) {
  lib("ldt.again", "(def x 1)");
  here("(require 'ldt.again)");
  file("ldt/again.clj", "(ns ldt.again) (def x 2)");
  EXPECT_EQ(here("(require 'ldt.again) ldt.again/x"), "1");
  EXPECT_EQ(here("(require 'ldt.again :reload) ldt.again/x"), "2");
}

TEST_F(LoaderTest, ReloadAllLoadsWhatALibraryNeedsAgainToo) {
  lib("ldt.leaf", "(def x 1)");
  lib("ldt.tree", "(require 'ldt.leaf) (def y ldt.leaf/x)");
  here("(require 'ldt.tree)");
  file("ldt/leaf.clj", "(ns ldt.leaf) (def x 2)");
  EXPECT_EQ(here("(require 'ldt.tree :reload) ldt.tree/y"), "1");
  EXPECT_EQ(here("(require 'ldt.tree :reload-all) ldt.tree/y"), "2");
}

TEST_F(LoaderTest, VerboseSaysWhatIsLoaded) {
  lib("ldt.loud", "");
  EXPECT_EQ(here("(with-out-str (require 'ldt.loud :verbose))"),
            "\"(clojure.core/load \\\"/ldt/loud\\\")\\n\"");
}

TEST_F(LoaderTest, TheNsMacroPreparesANamespace) {
  lib("ldt.verbs2", "(def go 1)");
  made_.push_back("ldt.declared");
  EXPECT_EQ(here("(ns ldt.declared \"Its doc.\" {:author \"me\"}"
                 " (:refer-clojure :exclude [map]) (:require [ldt.verbs2 :as v :refer [go]])"
                 " (:import (java.util UUID)) (:gen-class))"
                 "(def map :mine) [go v/go map (:doc (meta *ns*)) (:author (meta *ns*)) (ns-name *ns*)]"),
            "[1 1 :mine \"Its doc.\" \"me\" ldt.declared]");
  EXPECT_EQ(shown("(class (ns-resolve 'ldt.declared 'UUID))"), shown("(class String)"));
  EXPECT_NE(here("(ns ldt.declared (:requires [x]))").find("does not know the clause"), std::string::npos);
}

TEST_F(LoaderTest, RecordTypesAreImportedFromOtherNamespaces) {
  lib("ldt.my-types", "(defrecord Box [in])");
  EXPECT_EQ(here("(require 'ldt.my-types) (import 'ldt.my_types.Box) (:in (Box. 5))"), "5");
  EXPECT_EQ(here("(import '(ldt.my_types Box)) (:in (Box. 6))"), "6");
  EXPECT_EQ(here("(import 'no.such.Class)").substr(0, 23), "!ClassNotFoundException");
}

TEST_F(LoaderTest, LoadFindsPartsBesideTheNamespace) {
  lib("ldt.parts.whole", "(load \"whole_part\") (load \"/ldt/parts/whole_other\")");
  file("ldt/parts/whole_part.clj", "(in-ns 'ldt.parts.whole) (def part 1)");
  file("ldt/parts/whole_other.clj", "(in-ns 'ldt.parts.whole) (def other 2)");
  EXPECT_EQ(here("(require 'ldt.parts.whole) [ldt.parts.whole/part ldt.parts.whole/other]"), "[1 2]");
}

TEST_F(LoaderTest, FileAndNamespaceAreBoundWhileLoading) {
  lib("ldt.bound", "(def file *file*) (def ns-then (ns-name *ns*)) (set! *warn-on-reflection* true)");
  EXPECT_EQ(
      here("(require 'ldt.bound) [ldt.bound/file ldt.bound/ns-then (ns-name *ns*) *warn-on-reflection*]"),
      "[\"ldt/bound.clj\" ldt.bound loader-test false]");
}

TEST_F(LoaderTest, ACycleIsReportedWithItsChain) {
  lib("ldt.cycle-a", "(require 'ldt.cycle-b)");
  lib("ldt.cycle-b", "(require 'ldt.cycle-c)");
  lib("ldt.cycle-c", "(require '[ldt.cycle-a :reload true])");
  EXPECT_NE(here("(require 'ldt.cycle-a)").find("ldt/cycle_a → ldt/cycle_b → ldt/cycle_c → ldt/cycle_a"),
            std::string::npos)
      << here("(require 'ldt.cycle-a)");
}

TEST_F(LoaderTest, AMissingLibraryNamesThePlacesThatWereSearched) {
  std::string error = here("(require 'ldt.no-such)");
  EXPECT_EQ(error.substr(0, 22), "!FileNotFoundException");
  EXPECT_NE(error.find("ldt/no_such.clj"), std::string::npos);
  EXPECT_NE(error.find(folder_.path()), std::string::npos);
}

TEST_F(LoaderTest, AMisspeltNameIsPointedOut) {
  EXPECT_EQ(here("(try (require 'clojure.strng) (catch Exception e (:hint (ex-data e))))"),
            "\"Did you mean `clojure.string`?\"");
  lib("ldt.helpful", "(def successful 1)");
  EXPECT_EQ(here("(try (require '[ldt.helpful :refer [sucessful]]) (catch Throwable e (:hint (ex-data e))))"),
            "\"Did you mean `successful`?\"");
}

TEST_F(LoaderTest, AFileNamedWithADashIsPointedOut) {
  file("ldt/dash-ed.clj", "(ns ldt.dash-ed)");
  EXPECT_NE(here("(try (require 'ldt.dash-ed) (catch Exception e (:hint (ex-data e))))").find("underscore"),
            std::string::npos);
}

TEST_F(LoaderTest, AFileWithoutItsNamespaceIsAnError) {
  file("ldt/empty.clj", "(def nothing-here 1)");
  EXPECT_NE(here("(require '[ldt.empty :as e])").find("ldt.empty does not exist after its file was loaded"),
            std::string::npos);
}

TEST_F(LoaderTest, AFailedLoadIsTriedAgain) {
  lib("ldt.broken", "(throw (ex-info \"broken\" {}))");
  EXPECT_NE(here("(require 'ldt.broken)").find("broken"), std::string::npos);
  EXPECT_EQ(here("(find-ns 'ldt.broken)"), "nil");
  file("ldt/broken.clj", "(ns ldt.broken) (def x 1)");
  EXPECT_EQ(here("(require 'ldt.broken) ldt.broken/x"), "1");
}

TEST_F(LoaderTest, PrivateNamesAreRefused) {
  lib("ldt.keeper", "(def ^:private secret 3)");
  EXPECT_NE(here("(require '[ldt.keeper :refer [secret]])").find("private"), std::string::npos);
  EXPECT_NE(here("(require 'ldt.keeper) ldt.keeper/secret").find("private"), std::string::npos);
  EXPECT_EQ(here("@#'ldt.keeper/secret"), "3");
}

TEST_F(LoaderTest, MisspeltOptionsAreErrors) {
  lib("ldt.plain", "");
  EXPECT_NE(here("(require '[ldt.plain :ass p])").find("Unknown option :ass"), std::string::npos);
  EXPECT_NE(here("(require 'ldt.plain :relaod)").find("Unknown flag :relaod"), std::string::npos);
  EXPECT_NE(here("(require '[ldt.plain :as])").find("without a value"), std::string::npos);
  EXPECT_NE(here("(require \"ldt.plain\")").find("names no library"), std::string::npos);
}

TEST_F(LoaderTest, WhatIsCompiledInNeedsNoLoadPath) {
  EXPECT_EQ(
      here("(binding [*load-path* []] (require '[clojure.set :as s] :reload) (eval '(s/union #{1} #{1})))"),
      "#{1}");
  EXPECT_FALSE(embedded_source("clojure/core.clj").empty());
  EXPECT_EQ(embedded_source("clojure/nothing.clj").data(), nullptr);
}

TEST_F(LoaderTest, LoadFileReturnsTheLastValue) {
  file("script.clj", "#!/usr/bin/env reops\n(def x 1)\n[x *file*]");
  EXPECT_EQ(here("(load-file \"" + folder_.file("script.clj") + "\")"),
            "[1 \"" + folder_.file("script.clj") + "\"]");
  EXPECT_EQ(here("(load-file \"/no/such/file.clj\")").substr(0, 22), "!FileNotFoundException");
}

}  // namespace
}  // namespace reops::lang
