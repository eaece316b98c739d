program p
  character :: c
  integer :: n, ios
  integer(8) :: pos8
  real(8) :: x(3)
  character(len=10) :: acc = 'stream'
  open(newunit=n, file='ss.bin', access=acc, form='formatted')
  write(n,'(a)') 'hello', 'world!'
  inquire(n, pos=pos8)
  print *, pos8
  close(n)
  open(newunit=n, file='ss.bin', access='stream', action='read', status='old')
  do
    read(n, iostat=ios) c
    if (ios /= 0) exit
    print *, ichar(c)
  end do
  print *, ios
  pos8 = 3
  read(n, pos=pos8) c
  print *, c
  close(n, status='delete')
  x = (/1d0, 2d0, 3d0/)
  open(30, file='ss2.bin', access='stream', form='unformatted')
  write(30) x, 7, 'ab'
  rewind(30)
  x = 0
  read(30) x(2:3)
  print *, x
  read(30, pos=25) n
  print *, n
  inquire(30, pos=n)
  print *, n
  write(30, pos=1) 9d0
  close(30)
  open(30, file='ss2.bin', access='stream', form='unformatted', position='append')
  inquire(30, pos=n, size=ios)
  print *, n, ios
  read(30, end=10) x
  print *, 'no'
10 print *, 'end'
  close(30, status='delete')
  call positions
end program
subroutine positions
  integer :: i, j, pos
  character(len=4) :: s
  open(10, file='st.bin', access='stream', form='unformatted', status='replace')
  write(10) 1, 2, 3
  inquire(10, pos=pos)
  print *, pos
  write(10, pos=5) 20
  read(10, pos=1) i, j
  print *, i, j
  write(10, pos=13) 'abcd'
  read(10, pos=13) s
  print *, s
  inquire(10, size=i)
  print *, i
  close(10)
  open(10, file='st.bin', access='stream', form='formatted', status='replace')
  write(10, '(a)') 'line one'
  write(10, '(a)') 'line two'
  inquire(10, pos=pos)
  print *, pos
  rewind 10
  read(10, '(a)') s
  print *, s
  read(10, '(a)', pos=6) s
  print *, s
  close(10, status='delete')
end subroutine
