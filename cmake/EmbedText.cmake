# Turns text files into one C file that defines embedded_texts[] of formats/texts.h. Usable from any shell:
#   cmake -DOUTPUT=texts.c "-DINPUTS=a.txt;b.txt" -P EmbedText.cmake
set(arrays "")
set(table "")
foreach(input IN LISTS INPUTS)
  get_filename_component(name "${input}" NAME_WE)
  file(READ "${input}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "((0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,))" "\\1\n" bytes "${bytes}")
  string(APPEND arrays "static const unsigned char text_${name}[] = {\n${bytes}};\n\n")
  string(APPEND table "    {\"${name}\", {text_${name}, sizeof text_${name}}},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"formats/texts.h\"\n\n${arrays}"
  "const struct embedded_text embedded_texts[] = {\n${table}    {0, {0, 0}},\n};\n")
