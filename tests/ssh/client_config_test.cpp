#include "ssh/client_config.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/files.hpp"
#include "base/folders.hpp"

namespace reops::ssh {
namespace {

class ClientConfigTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("HOME", folder_.path().c_str(), 1);
    ::unsetenv("SSH_AUTH_SOCK");
    ::unsetenv("REOPS_SSH_CONFIG");
    ASSERT_TRUE(base::make_folders(folder_.file(".ssh")).ok());
  }
  std::string write(const std::string& name, const std::string& text) {
    EXPECT_TRUE(base::write_file(folder_.file(name), text, 0600).ok());
    return folder_.file(name);
  }
  base::Result<Destination> resolve(const std::string& text, const Target& target) {
    auto config = ClientConfig::load({write("config", text)});
    if (!config) return config.take_error();
    return config.value()->resolve(target);
  }
  base::Result<Destination> resolve(const std::string& text, const std::string& name = "web7") {
    Target target;
    target.name = name;
    return resolve(text, target);
  }
  Destination must(const std::string& text, const std::string& name = "web7") {
    auto destination = resolve(text, name);
    EXPECT_TRUE(destination.ok()) << destination.error().message;
    return destination.ok() ? std::move(destination).value() : Destination{};
  }
  std::string refusal(const std::string& text, const std::string& name = "web7") {
    auto destination = resolve(text, name);
    if (destination.ok()) return "it was not refused";
    EXPECT_EQ("ssh/config", destination.error().type);
    return destination.error().message;
  }
  base::TempFolder folder_ = base::TempFolder::create("reops-config-").value();
};

TEST_F(ClientConfigTest, WithoutFilesTheDefaultsHold) {
  Target target;
  target.name = "web7";
  const Destination made = ClientConfig::load({"/nonexistent/config"}).value()->resolve(target).value();
  EXPECT_EQ("web7", made.host);
  EXPECT_EQ(22, made.port);
  EXPECT_EQ(base::user_name(), made.user);
  EXPECT_EQ("web7", made.host_key_name);
  ASSERT_EQ(3u, made.identities.size());
  EXPECT_EQ(folder_.file(".ssh/id_ed25519"), made.identities[0].path);
  EXPECT_FALSE(made.identities[0].is_explicit);
  EXPECT_EQ(folder_.file(".ssh/known_hosts"), made.user_known_hosts[0]);
  EXPECT_EQ("", made.agent_socket);
}

TEST_F(ClientConfigTest, TheFirstValueWins) {
  const std::string text =
      "Host web7\n  Port 2222\n  User ada\n\nHost web*\n  Port 3333\n  HostName %h.example\n"
      "Host *\n  User bob\n";
  const Destination web7 = must(text);
  EXPECT_EQ("web7.example", web7.host);
  EXPECT_EQ(2222, web7.port);
  EXPECT_EQ("ada", web7.user);
  EXPECT_EQ("[web7.example]:2222", web7.host_key_name);
  const Destination web8 = must(text, "web8");
  EXPECT_EQ(3333, web8.port);
  EXPECT_EQ("bob", web8.user);
  EXPECT_EQ("db1", must(text, "db1").host);
}

TEST_F(ClientConfigTest, WhatTheTargetSaysWinsOverTheFiles) {
  Target target;
  target.name = "web7";
  target.host = "192.0.2.7";
  target.port = 99;
  target.user = "eve";
  target.identity_files = {"~/k"};
  target.jump = "ada@one,two:2222";
  const Destination made =
      resolve("Host *\n HostName x\n Port 1\n User y\n IdentityFile z\n ProxyJump other\n", target).value();
  ASSERT_EQ(2u, made.jumps.size());
  EXPECT_EQ("one", made.jumps[0].name);
  EXPECT_EQ("ada", made.jumps[0].user);
  EXPECT_EQ(2222, made.jumps[1].port);
  EXPECT_EQ("192.0.2.7", made.host);
  EXPECT_EQ(99, made.port);
  EXPECT_EQ("eve", made.user);
  ASSERT_EQ(1u, made.identities.size());
  EXPECT_EQ(folder_.file("k"), made.identities[0].path);
}

TEST_F(ClientConfigTest, ExceptionsInHostLines) {
  const std::string text = "Host web* !web7\n Port 2222\n";
  EXPECT_EQ(22, must(text).port);
  EXPECT_EQ(2222, must(text, "web8").port);
}

TEST_F(ClientConfigTest, SpellingsOfLines) {
  EXPECT_EQ(2222, must("port=2222\n").port);
  EXPECT_EQ(2222, must("PORT = 2222 # why not\n").port);
  EXPECT_EQ(2222, must("\t Port\t2222\r\n").port);
  EXPECT_EQ("/a b/k", must("IdentityFile \"/a b/k\"\n").identities.at(0).path);
  EXPECT_EQ(22, must("# Port 2222").port);
}

TEST_F(ClientConfigTest, IdentityFilesAddUpAndExpand) {
  const Destination made = must(
      "Host web7\n IdentityFile ~/one\n IdentityFile %d/%h-%r-%u-%%\n User ada\n HostName h\n"
      "Host *\n IdentityFile /two\n");
  ASSERT_EQ(3u, made.identities.size());
  EXPECT_EQ(folder_.file("one"), made.identities[0].path);
  EXPECT_EQ(folder_.file("h-ada-" + base::user_name() + "-%"), made.identities[1].path);
  EXPECT_EQ("/two", made.identities[2].path);
  EXPECT_TRUE(made.identities[2].is_explicit);
  EXPECT_TRUE(must("IdentityFile none\n").identities.empty());
}

TEST_F(ClientConfigTest, TheAgent) {
  ::setenv("SSH_AUTH_SOCK", "/run/agent", 1);
  EXPECT_EQ("/run/agent", must("").agent_socket);
  EXPECT_EQ("", must("IdentityAgent none\n").agent_socket);
  EXPECT_EQ("", must("IdentitiesOnly yes\n").agent_socket);
  EXPECT_EQ("/run/agent", must("IdentityAgent SSH_AUTH_SOCK\n").agent_socket);
  EXPECT_EQ(folder_.file("a"), must("IdentityAgent ~/a\n").agent_socket);
  ::setenv("MY_AGENT", "/mine", 1);
  EXPECT_EQ("/mine", must("IdentityAgent $MY_AGENT\n").agent_socket);
}

TEST_F(ClientConfigTest, KnownHostsFiles) {
  const Destination made = must("UserKnownHostsFile ~/a /b\nGlobalKnownHostsFile none\nHostKeyAlias Alias\n");
  EXPECT_EQ((std::vector<std::string>{folder_.file("a"), "/b"}), made.user_known_hosts);
  EXPECT_TRUE(made.global_known_hosts.empty());
  EXPECT_EQ("alias", made.host_key_name);
}

TEST_F(ClientConfigTest, WhatHasNoBearingIsAccepted) {
  must(
      "ForwardAgent no\nServerAliveInterval 60\nSendEnv LANG LC_*\nCompression no\nLogLevel ERROR\n"
      "AddKeysToAgent yes\nControlMaster auto\nControlPath ~/.ssh/%C\nProxyJump none\nStrictHostKeyChecking "
      "ask\n"
      "ConnectTimeout 5\nPasswordAuthentication no\nHashKnownHosts yes\nGSSAPIAuthentication yes\n");
}

TEST_F(ClientConfigTest, WhatIsNotSupportedIsRefusedByName) {
  for (const char* line : {"ForwardAgent yes", "StrictHostKeyChecking no", "Ciphers aes128-ctr",
                           "BindAddress 192.0.2.1", "SetEnv A=b", "LocalForward 1 a:2",
                           "CanonicalizeHostname yes", "RequestTTY force", "NoSuchDirective 1"}) {
    const std::string message = refusal(std::string("Host *\n  ") + line + "\n");
    const std::string word = std::string(line).substr(0, std::string(line).find(' '));
    EXPECT_NE(std::string::npos, message.find(folder_.file("config") + ":2: " + word)) << message;
    EXPECT_NE(std::string::npos, message.find("web7")) << message;
  }
}

TEST_F(ClientConfigTest, WhatDoesNotApplyIsNoMatter) {
  EXPECT_EQ(22, must("Host db*\n ForwardAgent yes\n Nonsense 1\nHost *\n User x\n").port);
  // The first value wins, so the second has no bearing.
  must("ForwardAgent no\nForwardAgent yes\n");
  must("IgnoreUnknown Use*,My*\nUseSomething yes\nMyThing 1\n");
}

TEST_F(ClientConfigTest, MatchAsksAboutWhatIsKnownSoFar) {
  EXPECT_EQ(1, must("Match all\n Port 1\n").port);
  EXPECT_EQ(1, must("Match originalhost web*,!web8\n Port 1\n").port);
  EXPECT_EQ(22, must("Match originalhost web*,!web8\n Port 1\n", "web8").port);
  EXPECT_EQ(22, must("HostName real.example\nUser bob\nMatch host *.example user ada\n Port 1\n").port);
  EXPECT_EQ(1, must("HostName real.example\nUser ada\nMatch host *.example user ada\n Port 1\n").port);
  EXPECT_EQ(1, must("HostName %h.example\nMatch host=web7.example\n Port 1\n").port);
  EXPECT_EQ(22, must("Match !originalhost web7\n Port 1\n").port);
  EXPECT_EQ(1, must("Match localuser " + base::user_name() + "\n Port 1\n").port);
  // A block is decided where it begins, whatever stands in it.
  const Destination made = must("Match host web7\n HostName other\n Port 1\n");
  EXPECT_EQ("other", made.host);
  EXPECT_EQ(1, made.port);
  // The next line that is no part of the block ends it.
  EXPECT_EQ(2, must("Match originalhost db1\n Port 1\nHost *\n Port 2\n").port);
}

TEST_F(ClientConfigTest, AMatchThatHangsOnWhatWeDoNotDoIsRefusedWhereItMatters) {
  const std::string message = refusal("Match originalhost web* exec \"test -e /x\"\n Port 1\n");
  EXPECT_NE(std::string::npos, message.find(folder_.file("config") + ":1: Match exec")) << message;
  EXPECT_EQ(22, must("Match originalhost db* exec \"test -e /x\"\n Port 1\n").port);
  EXPECT_NE("it was not refused", refusal("Match final\n Port 1\n"));
  EXPECT_NE("it was not refused", refusal("Match host\n Port 1\n"));
}

TEST_F(ClientConfigTest, JumpHostsAreReadInOrder) {
  const Destination made = must("ProxyJump ada@one:2222,ssh://two,[2001:db8::1]:22\nProxyCommand x\n");
  ASSERT_EQ(3u, made.jumps.size());
  EXPECT_EQ("one", made.jumps[0].name);
  EXPECT_EQ("ada", made.jumps[0].user);
  EXPECT_EQ(2222, made.jumps[0].port);
  EXPECT_EQ("two", made.jumps[1].name);
  EXPECT_EQ("2001:db8::1", made.jumps[2].name);
  EXPECT_EQ("", made.proxy_command);
  EXPECT_TRUE(must("ProxyJump none\nProxyJump bastion\n").jumps.empty());
  EXPECT_EQ("nc -x proxy web7.example 2222",
            must("HostName web7.example\nPort 2222\nProxyCommand nc -x proxy %h %p\n").proxy_command);
  EXPECT_NE("it was not refused", refusal("ProxyJump a,@\n"));
  EXPECT_NE("it was not refused", refusal("ProxyJump a:99999\n"));
  Target target;
  target.name = "web7";
  target.jump = "a,@";
  EXPECT_FALSE(resolve("", target).ok());
}

TEST_F(ClientConfigTest, TheTimeToConnectIsInSeconds) {
  EXPECT_EQ(7000, must("ConnectTimeout 7\n").connect_timeout.count());
  EXPECT_NE("it was not refused", refusal("ConnectTimeout soon\n"));
}

TEST_F(ClientConfigTest, IncludesAreReadInPlace) {
  write(".ssh/one", "Host web7\n  Port 1111\n");
  write(".ssh/two", "Host *\n  Port 2222\n  User included\n");
  EXPECT_EQ(1111, must("Include one\nHost *\n Port 5\n").port);
  EXPECT_EQ(5, must("Port 5\nInclude one\n").port);
  EXPECT_EQ("included", must("Include ~/.ssh/t*\n").user);
  EXPECT_EQ(22, must("Include no-such-file\n").port);
}

TEST_F(ClientConfigTest, AnIncludeUnderAHostLineCountsForThatHostAlone) {
  write(".ssh/two", "Host *\n  Port 2222\n");
  const std::string text = "Host web7\n Include two\n User ada\n";
  EXPECT_EQ(2222, must(text).port);
  EXPECT_EQ("ada", must(text).user);
  EXPECT_EQ(22, must(text, "web8").port);
  write(".ssh/two", "ForwardAgent yes\n");
  EXPECT_NE("it was not refused", refusal(text));
  must(text, "web8");
}

TEST_F(ClientConfigTest, AFileThatIncludesItselfEnds) {
  write(".ssh/loop", "Include loop\n");
  EXPECT_NE(std::string::npos, refusal("Include loop\n").find("too deeply"));
}

TEST_F(ClientConfigTest, MistakesNameTheirLine) {
  EXPECT_NE(std::string::npos, refusal("\nPort 99999\n").find(":2: 99999 is not a port"));
  EXPECT_NE(std::string::npos, refusal("Port 12x\n").find("12x is not a port"));
  EXPECT_NE(std::string::npos, refusal("User\n").find(":1: User has no value"));
  EXPECT_NE(std::string::npos, refusal("User \"ada\n").find(":1: the quotation mark"));
  EXPECT_NE(std::string::npos, refusal("HostName %z\n").find(":1: HostName"));
  EXPECT_NE(std::string::npos, refusal("AddressFamily ipx\n").find("ipx"));
}

TEST_F(ClientConfigTest, AFileThatOthersCanWriteIsRefused) {
  const std::string path = write("config", "Port 1\n");
  ASSERT_EQ(0, ::chmod(path.c_str(), 0666));
  const auto loaded = ClientConfig::load({path});
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(std::string::npos, loaded.error().message.find("chmod go-w " + path));
}

TEST_F(ClientConfigTest, NamesThatAreNoNames) {
  for (const char* name : {"", "-oProxyCommand=x", "a b", "$(id)", "a/b", "a;b"})
    EXPECT_NE("it was not refused", refusal("", name)) << name;
  EXPECT_EQ("::1", must("", "::1").host);
}

TEST_F(ClientConfigTest, TheEnvironmentNamesAnotherFile) {
  write(".ssh/config", "Port 1111\n");
  Target target;
  target.name = "web7";
  EXPECT_EQ(1111, ClientConfig::load_default().value()->resolve(target).value().port);
  ::setenv("REOPS_SSH_CONFIG", write("elsewhere", "Port 2222\n").c_str(), 1);
  EXPECT_EQ(2222, ClientConfig::load_default().value()->resolve(target).value().port);
}

TEST_F(ClientConfigTest, AFileThatTheEnvironmentNamesMustBeThere) {
  ::setenv("REOPS_SSH_CONFIG", "/nonexistent/config", 1);
  const auto loaded = ClientConfig::load_default();
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(std::string::npos, loaded.error().message.find("REOPS_SSH_CONFIG names /nonexistent/config"));
}

}  // namespace
}  // namespace reops::ssh
