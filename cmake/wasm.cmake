# The core as a WebAssembly module, for browsers: `npm run build:browser`. Emscripten's toolchain file includes nothing of
# this; it is read where CMake runs under `emcmake`.
add_compile_options(-fexceptions)
if(WS_WASM_SIMD)
  add_compile_options(-msimd128)
endif()

function(add_wasm_module)
  add_executable(whospeaks-wasm src/native/wasm/engine_calls.cpp src/native/wasm/front_end_calls.cpp)
  target_link_libraries(whospeaks-wasm PRIVATE whospeaks-core)
  target_compile_options(whospeaks-wasm PRIVATE -Wall -Wextra)
  set_target_properties(whospeaks-wasm PROPERTIES OUTPUT_NAME whospeaks SUFFIX .mjs
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  target_link_options(whospeaks-wasm PRIVATE -O3 -fexceptions --no-entry
    # A module of JavaScript that makes no code of text: a page's policy may forbid that.
    "SHELL:-s MODULARIZE=1" "SHELL:-s EXPORT_ES6=1" "SHELL:-s USE_ES6_IMPORT_META=0" "SHELL:-s DYNAMIC_EXECUTION=0"
    "SHELL:-s ENVIRONMENT=web,worker" "SHELL:-s FILESYSTEM=0" "SHELL:-s ASSERTIONS=0"
    "SHELL:-s ALLOW_MEMORY_GROWTH=1" "SHELL:-s INITIAL_MEMORY=33554432" "SHELL:-s MAXIMUM_MEMORY=2147483648"
    "SHELL:-s EXPORTED_FUNCTIONS=_malloc,_free" "SHELL:-s INCOMING_MODULE_JS_API=instantiateWasm,print,printErr")
endfunction()
