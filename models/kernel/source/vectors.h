// Vectors of float as wide as the processor's, and loads from every type that weights and keys are held in.
// Written with the vector extensions of GCC and Clang, so one source serves AVX-512, AVX2 and Neon.
#pragma once

#include <cstdint>
#include <cstring>
#include <utility>

#if defined(__AVX__)
#include <immintrin.h>
#endif

#if defined(__AVX512BF16__) && defined(__AVX512F__)
#define PACELINE_BF16_DOT 1
#else
#define PACELINE_BF16_DOT 0
#endif

#if defined(__AVX512VNNI__) && defined(__AVX512BW__)
#define PACELINE_INT_DOT 1
#else
#define PACELINE_INT_DOT 0
#endif

#define PACELINE_UNROLL _Pragma("GCC unroll 16")

namespace paceline {

#if defined(__AVX512F__)
constexpr int LANES = 16;
constexpr int REGISTERS = 32;
#elif defined(__AVX__)
constexpr int LANES = 8;
constexpr int REGISTERS = 16;
#else
constexpr int LANES = 4;
constexpr int REGISTERS = 32;
#endif

typedef float Vector __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef int32_t Integers __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef uint32_t Words __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef uint16_t Halves __attribute__((vector_size(LANES * 2), aligned(2), may_alias));
typedef int8_t Bytes __attribute__((vector_size(LANES), aligned(1), may_alias));
typedef _Float16 Floats16 __attribute__((vector_size(LANES * 2), aligned(2), may_alias));

struct BFloat16 { uint16_t bits; };

inline Vector splat(float value) { return Vector{} + value; }

inline Vector load(const float* p) { return *reinterpret_cast<const Vector*>(p); }

// GCC takes narrow integers apart one by one where it widens them in vectors, hence the intrinsics.
inline Words widen(const uint16_t* p) {
#if defined(__AVX512F__)
    return (Words)_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)p));
#elif defined(__AVX2__)
    return (Words)_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i*)p));
#else
    return __builtin_convertvector(*reinterpret_cast<const Halves*>(p), Words);
#endif
}

inline Integers widen(const int8_t* p) {
#if defined(__AVX512F__)
    return (Integers)_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i*)p));
#elif defined(__AVX2__)
    return (Integers)_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i*)p));
#else
    return __builtin_convertvector(*reinterpret_cast<const Bytes*>(p), Integers);
#endif
}

inline Vector load(const BFloat16* p) { return (Vector)(widen(&p->bits) << 16); }

inline Vector load(const _Float16* p) {
    return __builtin_convertvector(*reinterpret_cast<const Floats16*>(p), Vector);
}

inline Vector load(const int8_t* p) { return __builtin_convertvector(widen(p), Vector); }

#if PACELINE_BF16_DOT
inline __m512bh pairs(const BFloat16* p) { return (__m512bh)_mm512_loadu_si512(p); }
inline __m512bh pairs(const BFloat16* p, int left) {
    return (__m512bh)_mm512_maskz_loadu_epi16((__mmask32(1) << left) - 1, p);
}
#endif

inline void store(float* p, Vector v) { *reinterpret_cast<Vector*>(p) = v; }

inline void store(_Float16* p, Vector v) {
    *reinterpret_cast<Floats16*>(p) = __builtin_convertvector(v, Floats16);
}

// Round to nearest, ties to even, as torch does; values are finite, and of no account below 1e-38.
inline void store(BFloat16* p, Vector v) {
#if PACELINE_BF16_DOT
    _mm256_storeu_si256((__m256i*)p, (__m256i)_mm512_cvtneps_pbh((__m512)v));
#else
    Words bits = (Words)v;
    bits += 0x7fff + ((bits >> 16) & 1);
    *reinterpret_cast<Halves*>(p) = __builtin_convertvector(bits >> 16, Halves);
#endif
}

#if PACELINE_INT_DOT
inline void store(int16_t* p, Vector v) {
    _mm256_storeu_si256((__m256i*)p, _mm512_cvtsepi32_epi16(_mm512_cvtps_epi32((__m512)v)));
}

inline __m512i widened(const int8_t* p) { return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i*)p)); }
inline __m512i widened(const int8_t* p, int) {
    return _mm512_cvtepi8_epi16(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i*)p)));
}
inline __m512i integers(const int16_t* p) { return _mm512_loadu_si512(p); }
inline __m512i integers(const int16_t* p, int) { return _mm512_zextsi256_si512(_mm256_loadu_si256((const __m256i*)p)); }
#endif

inline Vector larger(Vector a, Vector b) { return a > b ? a : b; }

// Sources of 2 * WIDTH lanes each lie side by side in a and b; each is folded to WIDTH lanes, a's sources first.
template <int WIDTH, int... I> inline Vector fold_sources(Vector a, Vector b, std::integer_sequence<int, I...>) {
    Vector low = __builtin_shufflevector(a, b, (I / WIDTH * 2 * WIDTH + I % WIDTH)...);
    Vector high = __builtin_shufflevector(a, b, (I / WIDTH * 2 * WIDTH + I % WIDTH + WIDTH)...);
    return low + high;
}

// Lane i of the result, for i < COUNT (a power of two), is the sum of the lanes of v[i], added in the order
// that `sum` adds them; v is used up.
template <int COUNT, int WIDTH = LANES / 2> inline Vector sums(Vector* v) {
    using Lanes = std::make_integer_sequence<int, LANES>;
    if constexpr (WIDTH == 0) {
        return v[0];
    } else {
        constexpr int PAIRS = COUNT > 1 ? COUNT / 2 : 1, OTHER = COUNT > 1;
        PACELINE_UNROLL
        for (int i = 0; i < PAIRS; i++) v[i] = fold_sources<WIDTH>(v[2 * i], v[2 * i + OTHER], Lanes{});
        return sums<PAIRS, WIDTH / 2>(v);
    }
}

inline float sum(Vector v) { return sums<1>(&v)[0]; }

inline float largest(Vector v) {
    float top = v[0];
    for (int i = 1; i < LANES; i++) top = v[i] > top ? v[i] : top;
    return top;
}

// e to the power x within 2 ulp for x <= 88 (Cephes' polynomial); 0 below -87.
inline Vector exponential(Vector x) {
    Integers vanishes = x < -87.0f;
    x = larger(x, splat(-87.0f));
    const float rounding = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer in the low bits
    Vector shifted = x * 1.44269504f + rounding;
    Integers power = (Integers)shifted << 23;
    Vector n = shifted - rounding;
    Vector r = x - n * 0.693359375f + n * 2.12194440e-4f;
    Vector p = splat(1.9875691500e-4f);
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;
    Vector result = (Vector)((Integers)p + power);
    return vanishes ? splat(0.0f) : result;
}

}  // namespace paceline
