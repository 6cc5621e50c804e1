#include "linked_image.hpp"

// In a section and pages of its own, so that it can be moved as a whole. REOPS_IMAGE is the file that
// reops-bootstrap wrote; 65536 is image::k_page.
asm(".section .reops_image, \"a\", @progbits\n"
    ".balign 65536\n"
    "reops_linked_image:\n"
    ".incbin \"" REOPS_IMAGE
    "\"\n"
    "reops_linked_image_end:\n"
    ".balign 65536\n"
    ".globl reops_linked_image, reops_linked_image_end\n"
    ".hidden reops_linked_image, reops_linked_image_end\n"
    ".previous\n"
    ".section .rodata\n"
    "reops_core_hash:\n"
    ".incbin \"" REOPS_CORE_HASH
    "\", 0, 64\n"
    ".hidden reops_core_hash\n"
    ".globl reops_core_hash\n"
    ".previous\n");

extern "C" __attribute__((visibility("hidden"))) const char reops_linked_image[], reops_linked_image_end[];
extern "C" __attribute__((visibility("hidden"))) const char reops_core_hash[];

namespace reops::app {

std::span<const char> linked_image() { return {reops_linked_image, reops_linked_image_end}; }
std::string_view core_hash() { return {reops_core_hash, 64}; }

}  // namespace reops::app
