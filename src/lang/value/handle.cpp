#include "lang/value/handle.hpp"

#include <cstddef>

namespace reops::lang {
namespace {

size_t handle_size(const Object&) { return sizeof(Handle); }
void close_handle(Object& o) { delete static_cast<Handle&>(o).resource; }

}  // namespace

const KindInfo k_info_Handle = {.name = "Handle",
                                .slots_at = sizeof(Handle),
                                .slots = 0,
                                .byte_size = handle_size,
                                .finalize = close_handle,
                                .in_image = InImage::left_behind};

Ref make_handle(Resource* resource) {
  Handle* h = allocate<Handle>();
  h->resource = resource;
  h->aux = static_cast<uint8_t>(resource->shape());
  return Ref::adopt(h);
}

}  // namespace reops::lang
