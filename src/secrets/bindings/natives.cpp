// The secrets room as the language sees it: the namespace reops.secrets.native, loaded with the module
// "secrets". What is a string of the language is not wiped: values go there only where they are used.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "lang/builtin/def_native.hpp"
#include "lang/runtime/module.hpp"
#include "lang/value/handle.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/parking.hpp"
#include "secrets/vault.hpp"

namespace reops::secrets {
namespace {

using namespace lang;

class VaultHandle : public Resource {
 public:
  explicit VaultHandle(std::unique_ptr<Vault> opened) : vault(std::move(opened)) {}
  std::string describe() const override { return "Vault " + vault->path(); }
  const std::unique_ptr<Vault> vault;
};

Vault& vault_of(Value v) {
  auto* found = resource_of<VaultHandle>(v);
  if (!found) throw_class_cast(v, "an open file of secrets");
  return *found->vault;
}

// Keys take a moment to be made, and disks to be written.
template <class F>
auto meanwhile(F&& work) {
  BlockingRegion region([] {});
  return work();
}

// Without a copy that would stay somewhere.
LockedBytes locked_text(Value v) {
  if (!is<String>(v)) throw_illegal_argument("A secret is a text");
  return LockedBytes(text_of(v));
}

Ref handle(base::Result<std::unique_ptr<Vault>> opened) {
  if (!opened) throw_result(opened.error());
  return make_handle(new VaultHandle(std::move(opened).value()));
}

Ref create(std::string path, Value passphrase) {
  const LockedBytes text = locked_text(passphrase);
  return handle(meanwhile([&] { return Vault::create(path, text); }));
}

Ref open(std::string path, Value passphrase) {
  const LockedBytes text = locked_text(passphrase);
  return handle(meanwhile([&] { return Vault::open(path, text); }));
}

// The passphrase in a file, or the error of it; then what is made with it.
template <class F>
Ref with_key_file(const std::string& key_file, bool is_private, F&& make) {
  return handle(meanwhile([&]() -> base::Result<std::unique_ptr<Vault>> {
    auto passphrase = passphrase_in(key_file, is_private);
    if (!passphrase) return passphrase.error();
    return make(passphrase.value());
  }));
}

Ref create_with_key_file(std::string path, std::string key_file, bool is_private) {
  return with_key_file(key_file, is_private, [&](const LockedBytes& p) { return Vault::create(path, p); });
}

Ref open_with_key_file(std::string path, std::string key_file, bool is_private) {
  return with_key_file(key_file, is_private, [&](const LockedBytes& p) { return Vault::open(path, p); });
}

base::Result<std::vector<std::string>> names(Value vault) {
  Vault& open = vault_of(vault);
  return meanwhile([&] { return open.names(); });
}

Ref value(Value vault, std::string name) {
  Ref text;
  auto found = vault_of(vault).with(name, [&](std::string_view secret) { text = make_string_lossy(secret); });
  if (!found) throw_result(found.error());
  return found.value() ? text : nil();
}

Ref masked(Value vault, std::string text) { return make_string_lossy(vault_of(vault).masked(text)); }

base::Result<void> put(Value vault, std::string name, Value secret) {
  Vault& open = vault_of(vault);
  const LockedBytes text = locked_text(secret);
  return meanwhile([&] { return open.put(name, text); });
}

base::Result<bool> remove(Value vault, std::string name) {
  Vault& open = vault_of(vault);
  return meanwhile([&] { return open.remove(name); });
}

base::Result<void> change_passphrase(Value vault, Value passphrase) {
  Vault& open = vault_of(vault);
  const LockedBytes text = locked_text(passphrase);
  return meanwhile([&] { return open.change_passphrase(text); });
}

const NativeDef k_defs[] = {
    def_native<create>("reops.secrets.native", "create", "([path passphrase])",
                       "A new file of secrets (0600), without any, sealed by a key of the passphrase; an "
                       "error when there is one."),
    def_native<open>(
        "reops.secrets.native", "open", "([path passphrase])",
        "Opens a file of secrets: what it holds is in locked memory of this process from then on."),
    def_native<create_with_key_file>(
        "reops.secrets.native", "create-with-key-file", "([path key-file private])",
        "Like create, with the passphrase in a file, which with private others may not read."),
    def_native<open_with_key_file>(
        "reops.secrets.native", "open-with-key-file", "([path key-file private])",
        "Like open, with the passphrase in a file, which with private others may not read."),
    def_native<names>("reops.secrets.native", "names", "([vault])", "The names of its secrets, in order."),
    def_native<value>("reops.secrets.native", "value", "([vault name])", "A secret in clear text, or nil."),
    def_native<masked>("reops.secrets.native", "masked", "([vault text])",
                       "A text with *** in the place of each secret that would not be found everywhere."),
    def_native<put>("reops.secrets.native", "put", "([vault name value])",
                    "Keeps a secret, in the place of one of that name."),
    def_native<remove>("reops.secrets.native", "remove", "([vault name])",
                       "Removes a secret; whether it was there."),
    def_native<change_passphrase>("reops.secrets.native", "change-passphrase", "([vault passphrase])",
                                  "Seals the file anew, by a key of another passphrase."),
};

const NativeModule k_natives = {"secrets", k_defs};

}  // namespace
}  // namespace reops::secrets

REOPS_MODULE(reops::secrets::k_natives)
