#include <stdexcept>
#include <string>

extern "C" int length_or_minus_one(const char *text) {
    try {
        std::string copy(text);
        if (copy.empty()) throw std::invalid_argument("empty");
        return (int)copy.size();
    } catch (const std::exception &) {
        return -1;
    }
}
